using Envoy.Config.Listener.V3;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.PluginHost.Tests;

/// <summary>Listeners that plugins bring get the addresses that nobody else has.</summary>
public sealed class ListenerTests : IDisposable
{
    private const string Manifest = """
        id: doors
        version: 1.0.0
        sdk: ">=0.1 <0.2"
        envoy: ">=1.36"
        failure: open
        capabilities: [accept-connections]
        resources:
        - {group: test.osmext.io, kind: Script, versions: [v1], schema: schema.yaml}
        contributions:
        - {name: doors, point: listener, direction: inbound, merge: append, for: Script, template: lua.scriban}
        """;

    private const string Schema = """
        type: object
        properties:
          address: {type: string, default: 0.0.0.0}
          port: {type: integer}
          binds: {type: boolean, default: true}
          both: {type: boolean, default: false}
        """;

    private const string Name = "name: {{ plugin.id + \"|\" + name }}";

    private const string Template = """
        name: {{ plugin.id + "|" + name }}
        address: {socket_address: {address: {{ spec.address }}, port_value: {{ spec.port }}, ipv4_compat: {{ spec.both }}}}
        bind_to_port: {{ spec.binds }}
        filter_chains: [{filters: [{name: tcp, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: door, cluster: somewhere}}]}]
        """;

    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    // What the mesh binds, at whatever address: redirected connections come to one of them.
    [InlineData("the mesh", "{port: 15000}")]
    [InlineData("the mesh", "{port: 15001}")]
    [InlineData("the mesh", "{address: 127.0.0.1, port: 15001}")]
    [InlineData("the mesh", "{port: 15003}")]
    [InlineData("the mesh", "{port: 15010}")]
    // Where connections to the mesh's services on this port are handed over; nothing is bound there.
    [InlineData("the mesh", "{port: 80}")]
    [InlineData(null, "{address: 127.0.0.1, port: 80}")]
    [InlineData(null, "{port: 9999}")]
    [InlineData("plugin doors (Script shop/a)", "{port: 9999}", "{port: 9999}")]
    [InlineData("plugin doors (Script shop/a)", "{port: 9999}", "{address: 127.0.0.1, port: 9999}")]
    [InlineData(null, "{address: 127.0.0.1, port: 9999}", "{address: 127.0.0.2, port: 9999}")]
    // An address is the same however it is spelt, and whatever else is said of its socket.
    [InlineData("plugin doors (Script shop/a)", "{address: '0:0:0:0:0:0:0:0', port: 9999}", "{address: '::1', port: 9999}")]
    [InlineData("plugin doors (Script shop/a)", "{address: '::1', port: 9999}", "{address: '0:0:0:0:0:0:0:1', port: 9999}")]
    [InlineData("plugin doors (Script shop/a)", "{address: '::1', port: 9999}", "{address: '::1', port: 9999, both: true}")]
    [InlineData(null, "{address: '::1', port: 9999}", "{address: '::2', port: 9999}")]
    public void A_listener_at_an_address_that_somebody_has_is_left_out_and_told(string? owner, params string[] doors)
    {
        var set = Load(Manifest);

        var translation = TranslationTests.Translate(set, Objects(doors));

        var placed = translation.Resources.Select(resource => resource.Message).OfType<Listener>().Count(listener => listener.Name.StartsWith("doors|", StringComparison.Ordinal));
        Assert.Equal(doors.Length - (owner is null ? 0 : 1), placed);
        var findings = translation.Diagnostics.Where(finding => finding.Code == DiagnosticCodes.ContributionConflict).ToArray();
        Assert.Equal(owner is null ? 0 : 1, findings.Length);
        Assert.All(findings, finding => Assert.Equal(($"{(char)('a' + doors.Length - 1)}", Severity.Warning), (finding.Object!.Value.Name, finding.Severity)));
        Assert.All(findings, finding => Assert.Contains($"is {owner}'s, so it is left out", finding.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("append", "name: \"doors|same\"")]
    [InlineData("override", Name)]
    public void The_next_of_its_name_or_slot_needs_an_address_as_well(string merge, string name)
    {
        var set = Load(Manifest.Replace("merge: append", $"merge: {merge}", StringComparison.Ordinal), Template.Replace(Name, name, StringComparison.Ordinal));

        var translation = TranslationTests.Translate(set, Objects("{port: 15001}", "{port: 15003}", "{port: 9999}"));

        var placed = Assert.Single(translation.Resources.Select(resource => resource.Message).OfType<Listener>(), listener => listener.Name.StartsWith("doors|", StringComparison.Ordinal));
        Assert.Equal(9999u, placed.Address.SocketAddress.PortValue);
        Assert.Equal(["a", "b"], translation.Diagnostics.Where(finding => finding.Message.Contains("is the mesh's, so it is left out", StringComparison.Ordinal))
            .Select(finding => finding.Object!.Value.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Where_proxies_cannot_do_without_the_plugin_they_are_held()
    {
        var set = Load(Manifest.Replace("failure: open", "failure: closed", StringComparison.Ordinal));

        var translation = TranslationTests.Translate(set, Objects("{port: 15001}"));

        Assert.DoesNotContain(translation.Resources, resource => resource.Message is Listener);
        Assert.Contains(translation.Diagnostics, finding => finding is { Code: DiagnosticCodes.ContributionConflict, Severity: Severity.Error });
        Assert.Contains("doors|a is the mesh's", Assert.Single(translation.Diagnostics, finding => finding.Code == DiagnosticCodes.ConfigurationHeld).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_listener_that_binds_no_port_is_refused()
    {
        var contributions = PluginFolder.Contribute(Load(Manifest), Objects("{address: 10.96.0.1, port: 80, binds: false}"));

        Assert.Equal(("bind_to_port", DiagnosticCodes.ContributionRefused), (contributions.Diagnostics[0].Field, contributions.Diagnostics[0].Code));
        Assert.Empty(contributions.For(PluginFolder.Scope()).All);
    }

    private PluginSet Load(string manifest, string template = Template)
    {
        var set = _folder.Write("doors", manifest, template, Schema).Policy("plugins: {doors: {grants: [accept-connections]}}").Load();
        Assert.Empty(set.Diagnostics);
        return set;
    }

    private static string Objects(params string[] doors) => string.Concat(doors.Select((door, index) => PluginFolder.Script($"{(char)('a' + index)}", door)));
}
