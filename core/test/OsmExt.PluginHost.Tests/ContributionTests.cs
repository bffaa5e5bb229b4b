using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Tests;

public sealed class ContributionTests : IDisposable
{
    private static readonly MeshService Web = new(new("shop", "web"), 80, 8080, AppProtocol.Http);
    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_object_reaches_the_proxies_it_is_for_and_no_others()
    {
        var contributions = PluginFolder.Contribute(_folder.Write().Load(),
            PluginFolder.Script("all", "{}", "osm-system") + PluginFolder.Script("shop", "{}") + PluginFolder.Script("web", "{targetRef: {kind: Service, name: web}}")
            + PluginFolder.Script("account", "{targetRef: {kind: ServiceAccount, name: job}}"));

        Assert.Equal(["all", "shop", "web"], Origins(contributions.For(PluginFolder.Scope())));
        Assert.Equal(["account", "all", "shop"], Origins(contributions.For(PluginFolder.Scope(account: "job"))));
        Assert.Equal(["all"], Origins(contributions.For(PluginFolder.Scope("other"))));
    }

    [Fact]
    public void The_most_specific_object_counts()
    {
        var contributions = PluginFolder.Contribute(_folder.Write().Load(),
            PluginFolder.Script("all", "{}", "osm-system") + PluginFolder.Script("shop", "{}") + PluginFolder.Script("web", "{targetRef: {kind: Service, name: web, port: 80}}"));
        var scope = contributions.For(PluginFolder.Scope());

        Assert.Equal("web", Assert.Single(scope.At(ContributionPoint.HttpFilter, Direction.Inbound, Web)).Origin!.Value.Name);
        Assert.Equal("shop", Assert.Single(scope.At(ContributionPoint.HttpFilter, Direction.Inbound, Web with { Port = 81 })).Origin!.Value.Name);
    }

    [Fact]
    public void Of_two_objects_for_one_place_the_first_counts_and_both_are_named()
    {
        var scope = PluginFolder.Contribute(_folder.Write().Load(), PluginFolder.Script("b", "{code: b}") + PluginFolder.Script("a", "{code: a}")).For(PluginFolder.Scope());

        Assert.Equal("a", Assert.Single(scope.At(ContributionPoint.HttpFilter, Direction.Inbound, Web)).Origin!.Value.Name);
        var finding = Assert.Single(scope.Findings);
        Assert.Equal((DiagnosticCodes.ContributionConflict, "b"), (finding.Code, finding.Object!.Value.Name));
        Assert.Contains("Script shop/a", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("default_source_code: {inline_string: {{ spec.code }}}", "default_source_cod: {inline_string: {{ spec.code }}}", "default_source_cod", 2, "Did you mean \"default_source_code\"")]
    [InlineData("lua.v3.Lua", "lua.v3.Luna", "", 1, "")]
    [InlineData("lua.v3.Lua\ndefault_source_code: {inline_string: {{ spec.code }}}", "fault.v3.HTTPFault\nabort:\n  http_status: 5", "abort.http_status", 3, "Envoy would refuse it")]
    [InlineData("{{ spec.code }}", "{{ spec.cod }}", "", 2, "Mend the template or the object")]
    public void What_Envoy_would_refuse_is_told_with_the_line_of_the_template_and_the_object(string right, string wrong, string field, int line, string advice)
    {
        var set = _folder.Write(template: PluginFolder.Template.Replace(right, wrong, StringComparison.Ordinal)).Load();
        Assert.Empty(set.Diagnostics);

        var contributions = PluginFolder.Contribute(set, PluginFolder.Script("broken", "{}"));

        var finding = contributions.Diagnostics[0];
        Assert.Equal("Script shop/broken", finding.Object.ToString());
        Assert.Equal($"lua/lua.scriban:{line}", finding.Location!.ToString());
        Assert.StartsWith(field, finding.Field, StringComparison.Ordinal);
        Assert.Contains(advice, finding.Advice, StringComparison.Ordinal);
        Assert.Empty(contributions.For(PluginFolder.Scope()).All);
    }

    [Fact]
    public void A_template_that_asks_for_the_proxy_is_rendered_for_each_and_others_once()
    {
        var set = _folder.Write().Write("other", PluginFolder.Manifest.Replace("id: lua", "id: other", StringComparison.Ordinal),
            PluginFolder.Template.Replace("spec.code", "proxy.service_account", StringComparison.Ordinal)).Load();
        var contributions = PluginFolder.Contribute(set, PluginFolder.Script("a", "{}"));

        var (one, two) = (contributions.For(PluginFolder.Scope(account: "one")), contributions.For(PluginFolder.Scope(account: "two")));

        Assert.Equal(one.All[0], two.All[0]);
        Assert.NotEqual(one.All[1], two.All[1]);
        Assert.Equal([1, 2], set.Plugins.Select(plugin => plugin.Memo.Made));
    }

    [Fact]
    public void Nothing_is_rendered_again_that_did_not_change()
    {
        var set = _folder.Write().Load();
        PluginFolder.Contribute(set, PluginFolder.Script("a", "{}") + PluginFolder.Script("b", "{}"));
        PluginFolder.Contribute(set, PluginFolder.Script("a", "{}") + PluginFolder.Script("b", "{code: new}"));

        Assert.Equal(3, set.Plugins[0].Memo.Made);
    }

    [Fact]
    public void What_a_proxy_does_not_offer_is_left_out_or_holds_it()
    {
        var manifest = PluginFolder.Manifest.Replace(">=1.36", ">=1.39", StringComparison.Ordinal);
        var open = PluginFolder.Contribute(_folder.Write(manifest: manifest).Load(), PluginFolder.Script("a", "{}")).For(PluginFolder.Scope(envoy: "1.36.2"));
        var closed = PluginFolder.Contribute(_folder.Write(manifest: manifest.Replace("open", "closed", StringComparison.Ordinal)).Load(), PluginFolder.Script("a", "{}"));

        Assert.Empty(open.All);
        Assert.Null(open.Held);
        Assert.Equal(DiagnosticCodes.NotOffered, Assert.Single(open.Findings).Code);
        Assert.NotNull(closed.For(PluginFolder.Scope(envoy: "1.36.2")).Held);
        Assert.Null(closed.For(PluginFolder.Scope()).Held);
    }

    [Theory]
    [InlineData("name: elsewhere", "does not begin with \"lua|\"")]
    [InlineData("name: \"lua|host\"\ntransport_socket: {name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext}}", "needs the capability write-tls")]
    [InlineData("name: \"lua|host\"\ntransport_socket: {name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, common_tls_context: {tls_certificate_sds_secret_configs: [{name: \"mesh:certificate\"}]}}}", "needs the capability use-identity")]
    [InlineData("name: \"lua|host\"\ntransport_socket: {name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, common_tls_context: {validation_context_sds_secret_config: {name: somebody-elses}}}}", "There is no secret \"somebody-elses\"")]
    [InlineData("name: \"lua|host\"\ntype: EDS\neds_cluster_config: {service_name: a, eds_config: {ads: {}}}", "leads to a service of the mesh")]
    [InlineData("name: \"lua|host\"\ntype: EDS", "leads to a service of the mesh")]
    public void Names_and_TLS_are_not_a_plugin_s_to_take(string cluster, string reason)
    {
        var manifest = PluginFolder.Manifest.Replace("point: http-filter", "point: cluster", StringComparison.Ordinal) + "\ncapabilities: [call-hosts]";
        var set = _folder.Write(manifest: manifest, template: cluster).Policy("plugins: {lua: {grants: [call-hosts]}}").Load();
        Assert.Empty(set.Diagnostics);

        Assert.Contains(reason, Assert.Single(PluginFolder.Contribute(set, PluginFolder.Script("a", "{}")).Diagnostics).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inbound", "nosuch", "The mesh has no service shop/nosuch")]
    [InlineData("outbound", "web", "is for all services of a port at once")]
    public void An_object_that_reaches_no_traffic_is_told(string direction, string service, string reason)
    {
        var set = _folder.Write(manifest: PluginFolder.Manifest.Replace("inbound", direction, StringComparison.Ordinal)).Load();

        var finding = Assert.Single(PluginFolder.Contribute(set, PluginFolder.Script("a", $"{{targetRef: {{kind: Service, name: {service}}}}}")).Diagnostics);

        Assert.Equal(DiagnosticCodes.MatchesNothing, finding.Code);
        Assert.Contains(reason, finding.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Origins(Compiler.Contributions.ScopeContributions contributions)
        => contributions.All.Select(item => item.Origin!.Value.Name).Order(StringComparer.Ordinal);
}
