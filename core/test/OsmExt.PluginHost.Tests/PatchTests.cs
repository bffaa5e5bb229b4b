using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
using OsmExt.Compiler.Translation;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;
using Connection = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace OsmExt.PluginHost.Tests;

/// <summary>Changes to finished resources.</summary>
public sealed class PatchTests : IDisposable
{
    private const string Manifest = """
        id: lua
        version: 1.0.0
        sdk: ">=0.1 <0.2"
        envoy: ">=1.36"
        failure: open
        capabilities: [raw-patch]
        resources:
        - {group: test.osmext.io, kind: Script, versions: [v1], schema: schema.yaml}
        contributions:
        - {name: code, point: patch, direction: inbound, merge: append, for: Script, template: lua.scriban}
        """;

    private const string Granted = "plugins: {lua: {grants: [raw-patch]}}";
    private const string Certificate = "transport_socket.typed_config.common_tls_context.tls_certificate_sds_secret_configs";
    private const string Buffer = "resource: Cluster\nname: \"shop/web|8080|local\"\nset: [{path: per_connection_buffer_limit_bytes, value: 4096}]";

    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Manifest, "", "raw-patch, which nobody has granted")]
    [InlineData("capabilities: [raw-patch]\n", "", "needs the capability raw-patch")]
    [InlineData("failure: open", "failure: closed", "A patch that does not fit")]
    public void Only_the_operator_can_allow_it_and_nothing_may_hang_on_it(string from, string to, string reason)
    {
        var set = _folder.Write(manifest: from == Manifest ? Manifest : Manifest.Replace(from, to, StringComparison.Ordinal), template: Buffer)
            .Policy(from == Manifest ? "plugins: {}" : Granted).Load();

        Assert.Contains(reason, string.Join('\n', set.Diagnostics.Select(finding => finding.Message)), StringComparison.Ordinal);
        Assert.Empty(set.Plugins);
    }

    [Fact]
    public void A_field_is_set_and_whose_doing_it_is_stands_beside_it()
    {
        var translation = Translate(Buffer);

        var cluster = Find<Cluster>(translation, "shop/web|8080|local");
        Assert.Equal(4096u, cluster.PerConnectionBufferLimitBytes);
        Assert.Equal(["Plugin lua", "Script shop/a"], Provenance.Read(cluster.Metadata));
        Assert.Null(Find<Cluster>(translation, "shop/web|8080").PerConnectionBufferLimitBytes);
        Assert.DoesNotContain(translation.Diagnostics, finding => finding.Code.StartsWith("OSM4", StringComparison.Ordinal));
    }

    [Fact]
    public void It_reaches_into_lists_and_what_is_packed_and_comes_after_what_others_contribute()
    {
        var translation = Translate("""
            resource: Listener
            name: inbound-*
            set:
            - {path: "filter_chains[*].filters[name=envoy.filters.network.http_connection_manager].typed_config.http_protocol_options.accept_http_10", value: true}
            - {path: "filter_chains[0].filters[name=envoy.filters.network.http_connection_manager].typed_config.http_filters[0]", value: null}
            - {path: "listener_filters[+]", value: {name: last, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.listener.original_dst.v3.OriginalDst}}}
            """);

        var listener = Find<Listener>(translation, "inbound-listener");
        var connection = listener.FilterChains[0].Filters[^1].TypedConfig.Unpack<Connection>();
        Assert.True(connection.HttpProtocolOptions.AcceptHttp10);
        Assert.DoesNotContain(connection.HttpFilters, filter => filter.Name == "envoy.filters.http.rbac");
        Assert.Equal("last", listener.ListenerFilters[^1].Name);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_virtual_host_is_the_same_in_its_configuration_and_by_itself(bool separate)
    {
        var translation = Translate("resource: VirtualHost\nname: \"outbound_virtual-host|web.*\"\nset: [{path: include_request_attempt_count, value: true}]", separate);

        var hosts = translation.Resources.Select(resource => resource.Message)
            .SelectMany(message => message is RouteConfiguration routes ? routes.VirtualHosts : message is VirtualHost host ? [host] : Enumerable.Empty<VirtualHost>()).ToArray();
        Assert.Equal(separate, hosts.Any(host => host.Name.StartsWith("rds-", StringComparison.Ordinal)));
        Assert.Contains("outbound_virtual-host|web.shop.svc.cluster.local", Assert.Single(hosts, host => host.IncludeRequestAttemptCount).Name, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name: nosuch", "name: nosuch", DiagnosticCodes.MatchesNothing, "for some proxies there is no Cluster called nosuch")]
    [InlineData("per_connection_buffer_limit_bytes", "\"health_checks[0].timeout\"", DiagnosticCodes.MatchesNothing, "there is no health_checks[0].timeout in Cluster shop/web|8080|local")]
    [InlineData("per_connection_buffer_limit_bytes", "per_connection_bufer_limit_bytes", DiagnosticCodes.ContributionRefused, "would not be one: unknown field")]
    [InlineData("path: per_connection_buffer_limit_bytes, value: 4096", "path: connect_timeout, value: -1s", DiagnosticCodes.ContributionRefused, "breaks a rule of Envoy's API")]
    public void What_does_not_fit_is_told_and_changes_nothing(string from, string to, string code, string reason)
    {
        var patch = from == to ? Buffer.Replace("\"shop/web|8080|local\"", "nosuch", StringComparison.Ordinal) : Buffer.Replace(from, to, StringComparison.Ordinal);
        var translation = Translate(patch);

        var finding = Assert.Single(translation.Diagnostics, finding => finding.Code.StartsWith("OSM4", StringComparison.Ordinal));
        Assert.Equal((code, "Script shop/a"), (finding.Code, finding.Object.ToString()));
        Assert.Contains(reason, finding.Message, StringComparison.Ordinal);
        Assert.Null(Find<Cluster>(translation, "shop/web|8080|local").Metadata);
    }

    [Theory]
    [InlineData("resource: Secret", "it is one of Listener, RouteConfiguration, VirtualHost, Cluster")]
    [InlineData("resource: Cluster\nname: a\nset: [{path: \"a..b\", value: 1}]", "is no path like")]
    [InlineData("resource: Cluster\nname: a\nset: [{path: a}]", "has a path and a value")]
    [InlineData("resource: Cluster\nname: a\nset: [{path: name, value: b}]", "keeps its name")]
    [InlineData("resource: Cluster\nname: a\nset: []", "It changes nothing")]
    [InlineData("resource: Cluster\nname: a\nset: [{path: alt_stat_name, value: a}]\nmatch: b", "no other fields")]
    public void A_patch_that_is_none_is_refused_with_the_object(string patch, string reason)
    {
        var set = _folder.Write(manifest: Manifest, template: patch).Policy(Granted).Load();

        var finding = Assert.Single(PluginFolder.Contribute(set, PluginFolder.Script("a", "{}")).Diagnostics);

        Assert.Equal((DiagnosticCodes.ContributionRefused, "Script shop/a"), (finding.Code, finding.Object.ToString()));
        Assert.Contains(reason, finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Cluster", "shop/web|8080", "{path: transport_socket, value: null}")]
    [InlineData("Cluster", "shop/web|8080", "{path: transport_socket.typed_config.sni, value: elsewhere}")]
    [InlineData("Cluster", "shop/web|8080", "{path: \"transport_socket_matches[+]\", value: {name: a, transportSocket: {name: envoy.transport_sockets.raw_buffer}}}")]
    [InlineData("Listener", "inbound-listener", "{path: \"filter_chains[*][transport_socket]\", value: null}")]
    [InlineData("Listener", "inbound-listener", "{path: \"filter_chains[0]\", value: null}")]
    [InlineData("Listener", "inbound-listener", "{path: filter_chains, value: null}")]
    [InlineData("Listener", "inbound-listener", "{path: \"filter_chains[*][transport_socket][typed_config][require_client_certificate]\", value: false}")]
    public void Without_write_tls_it_is_spoken_as_before_however_a_path_gets_there(string kind, string name, string change)
    {
        var translation = Translate($"resource: {kind}\nname: \"{name}\"\nset: [{change}]");

        var finding = Assert.Single(translation.Diagnostics, finding => finding.Code.StartsWith("OSM4", StringComparison.Ordinal));
        Assert.Equal((DiagnosticCodes.ContributionRefused, "Script shop/a"), (finding.Code, finding.Object.ToString()));
        Assert.Contains($"{kind} {name} would speak TLS otherwise, which needs the capability write-tls", finding.Message, StringComparison.Ordinal);
        Assert.Contains("transport_socket", finding.Field, StringComparison.Ordinal);
        Assert.Equal(Find(Translate(Buffer), kind, name), Find(translation, kind, name));
    }

    [Fact]
    public void With_write_tls_it_is_spoken_as_the_patch_says()
    {
        var translation = Translate("resource: Cluster\nname: \"shop/web|8080\"\nset: [{path: transport_socket, value: null}]", capabilities: "raw-patch, write-tls");

        Assert.Null(((Cluster)Find(translation, "Cluster", "shop/web|8080")).TransportSocket);
        Assert.DoesNotContain(translation.Diagnostics, finding => finding.Code.StartsWith("OSM4", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[0]", "{name: other}", "There is no secret \"other\"")]
    [InlineData("[0]", "{name: other, sds_config: {ads: {}, resource_api_version: V3}}", "There is no secret \"other from elsewhere\"")]
    // The workload's own, which is there already, once more.
    [InlineData("[+]", "{name: \"service-cert:shop/web\", sds_config: {ads: {}, resource_api_version: V3}}", "There is no secret \"service-cert:shop/web from elsewhere\"")]
    // Another plugin's, or one that this proxy would wait for in vain.
    [InlineData("[+]", "{name: \"secret:shop/db|certificate\", sds_config: {ads: {}, resource_api_version: V3}}", "would name secret:shop/db|certificate, and Secrets are not for patches")]
    [InlineData("[0]", "{name: \"mesh:certificate\"}", "mesh:certificate needs the capability use-identity")]
    public void Secrets_that_a_patch_names_are_those_that_contributions_may_name(string entry, string secret, string reason)
    {
        var translation = Translate($"resource: Cluster\nname: \"shop/web|8080\"\nset: [{{path: \"{Certificate}{entry}\", value: {secret}}}]", capabilities: "raw-patch, write-tls");

        var finding = Assert.Single(translation.Diagnostics, finding => finding.Code.StartsWith("OSM4", StringComparison.Ordinal));
        Assert.Equal(DiagnosticCodes.ContributionRefused, finding.Code);
        Assert.Contains(reason, finding.Message, StringComparison.Ordinal);
        Assert.Equal(Find(Translate(Buffer), "Cluster", "shop/web|8080"), Find(translation, "Cluster", "shop/web|8080"));
    }

    [Fact]
    public void With_use_identity_the_mesh_s_secrets_are_put_in_the_place_of_their_names()
    {
        var patch = $"resource: Cluster\nname: \"shop/web|8080\"\nset: [{{path: \"{Certificate}[0]\", value: {{name: \"mesh:certificate\"}}}}]";

        var translation = Translate(patch, capabilities: "raw-patch, write-tls, use-identity");

        var context = ((Cluster)Find(translation, "Cluster", "shop/web|8080")).TransportSocket.TypedConfig.Unpack<UpstreamTlsContext>();
        var reference = Assert.Single(context.CommonTlsContext.TlsCertificateSdsSecretConfigs);
        Assert.Equal("service-cert:shop/web", reference.Name);
        Assert.NotNull(reference.SdsConfig.Ads);
        Assert.DoesNotContain(translation.Diagnostics, finding => finding.Code.StartsWith("OSM4", StringComparison.Ordinal));
    }

    [Fact]
    public void A_refusal_finds_the_patch_and_quarantine_takes_it_out()
    {
        var (mesh, contributions) = Compile(Buffer);
        var scope = PluginFolder.Scope();
        var patched = mesh.Translate(Assert.Single(mesh.Proxies.All)).Resources.Single(resource => resource.Name == "shop/web|8080|local");

        var suspect = Assert.Single(new ContributedParts(contributions.For(scope).All).In(patched));

        var entry = new QuarantineEntry([suspect.Content], scope.Capabilities, new("shop/web", "cluster", "no", default));
        Assert.Empty(contributions.Under(new([entry])).For(scope).All);
    }

    private Translation Translate(string patch, bool incremental = false, string capabilities = "raw-patch")
    {
        var (newest, (mesh, _)) = (Capabilities.OfRelease(Capabilities.NewestEnvoy), Compile(patch, capabilities));
        return mesh.Translate(Assert.Single(mesh.Proxies.All), new(newest.Version, newest.TypeUrls) { Incremental = incremental });
    }

    private (OfflineMesh Mesh, IMeshContributions Contributions) Compile(string patch, string capabilities = "raw-patch")
    {
        var set = _folder.Write(manifest: Manifest.Replace("[raw-patch]", $"[{capabilities}]", StringComparison.Ordinal), template: patch)
            .Policy(Granted.Replace("[raw-patch]", $"[{capabilities}]", StringComparison.Ordinal)).Load();
        Assert.Empty(set.Diagnostics);
        var file = ManifestReader.Read(TranslationTests.Mesh + PluginFolder.Script("a", "{}"), "in.yaml", new PluginKinds(set.Kinds));
        Assert.Empty(file.Diagnostics);
        IMeshContributions? all = null;
        var mesh = OfflineMesh.Compile(ResourceSnapshot.Of(file.Resources), new CompilerOptions(), (policy, snapshot, options) => all = set.Contribute(policy, snapshot, options));
        return (mesh, all!);
    }

    private static IMessage Find(Translation translation, string kind, string name)
        => translation.Resources.Single(resource => resource.Name == name && resource.Message.Descriptor.Name == kind).Message;

    private static T Find<T>(Translation translation, string name)
        => translation.Resources.Where(resource => resource.Name == name).Select(resource => resource.Message).OfType<T>().Single();
}
