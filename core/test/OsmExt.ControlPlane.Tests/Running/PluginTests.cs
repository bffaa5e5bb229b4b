using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.PluginHost;
using OsmExt.PluginHost.Loading;
using OsmExt.Xds.Server;
using Connection = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>Plugins while proxies are connected: what is changed in their directory, and what is broken there.</summary>
public sealed class PluginTests : IDisposable
{
    private const string Lua = "envoy.extensions.filters.http.lua.v3.Lua";
    private readonly MeshDirectory _mesh = new();
    private readonly string _plugins = Directory.CreateTempSubdirectory("osm-plugins-").FullName;

    public PluginTests()
    {
        Write("plugin.yaml", Manifest("open"));
        Write("schema.yaml", "type: object\nproperties:\n  code: {type: string, default: one}\n");
        Write("lua.scriban", Template("spec.code"));
        _mesh.Write("script.yaml", "apiVersion: test.osmext.io/v1\nkind: Script\nmetadata: {name: a, namespace: shop}\nspec: {targetRef: {kind: Service, name: store}}\n");
    }

    public void Dispose()
    {
        _mesh.Dispose();
        Directory.Delete(_plugins, recursive: true);
    }

    [Fact]
    public async Task A_changed_template_reaches_the_proxies_it_is_for_and_no_others_on_the_same_stream()
    {
        await using var plane = await StartAsync();
        await using var store = await ConnectAsync(plane, Shop.Store1);
        await using var buyer = await ConnectAsync(plane, Shop.Buyer);
        Assert.Equal("one", Code(store));

        Forget(store, buyer);
        Write("lua.scriban", Template("spec.code + \" more\""));
        await store.UntilAsync(() => Code(store) == "one more");

        Assert.Equal(["LDS inbound-listener"], store.Log);
        Assert.Empty(buyer.Log);
    }

    [Fact]
    public async Task A_new_version_that_fails_in_the_trial_is_not_put_in_force()
    {
        await using var plane = await StartAsync();
        await using var store = await ConnectAsync(plane, Shop.Store1);

        Forget(store);
        Write("lua.scriban", Template("spec.nosuch"));
        await Wait.UntilAsync(async () => (await plane.Pipeline.DiagnosticsAsync(default)).Any(finding => finding.Code == "OSM1009" && finding.Object?.Name == "lua"), () => "no finding");

        Assert.Empty(store.Log);
        Assert.Contains(await plane.Pipeline.DiagnosticsAsync(default), finding => finding.Code == "OSM4003" && finding.Location!.ToString() == "lua/lua.scriban:2");
    }

    [Fact]
    public async Task A_version_that_the_policy_revokes_does_not_come_back_when_the_next_one_fails()
    {
        Write("plugin.yaml", Manifest("closed"));
        await using var plane = await StartAsync();
        await using var store = await ConnectAsync(plane, Shop.Store1);

        Forget(store);
        Write("lua.scriban", Template("spec.nosuch"));
        await Wait.UntilAsync(async () => (await plane.Pipeline.DiagnosticsAsync(default)).Any(finding => finding.Code == "OSM1009" && finding.Object?.Name == "lua"), () => "the version before is not kept");
        File.WriteAllText(Path.Combine(_plugins, "policy.yaml"), $"plugins:\n  lua: {{digest: \"{PluginFiles.Read(Path.Combine(_plugins, "lua")).Digest}\"}}\n");
        await Wait.UntilAsync(() => plane.Get<PluginsInForce>().Current.Broken.Count == 1, () => "the revoked version is in force");
        await plane.Pipeline.AskAsync(_ => true, default);

        Assert.Empty(plane.Get<PluginsInForce>().Current.Plugins);
        Assert.Contains(await plane.Pipeline.DiagnosticsAsync(default), finding => finding.Code == "OSM4005");
        Assert.Empty(store.Log);
    }

    [Fact]
    public async Task A_plugin_that_goes_takes_what_it_contributed_with_it()
    {
        await using var plane = await StartAsync();
        await using var store = await ConnectAsync(plane, Shop.Store1);

        Directory.Delete(Path.Combine(_plugins, "lua"), recursive: true);
        await store.UntilAsync(() => Code(store) is null);
    }

    [Fact]
    public async Task What_fails_closed_keeps_what_proxies_have_and_gives_new_ones_nothing_until_it_is_mended()
    {
        Write("plugin.yaml", Manifest("closed"));
        Write("lua.scriban", Template("spec.code") + "{{ if spec.code == \"bad\" }}nosuch: 1{{ end }}\n");
        await using var plane = await StartAsync();
        await using var store = await ConnectAsync(plane, Shop.Store1);

        Forget(store);
        _mesh.Write("script.yaml", "apiVersion: test.osmext.io/v1\nkind: Script\nmetadata: {name: a, namespace: shop}\nspec: {code: bad}\n");
        await Wait.UntilAsync(async () => (await plane.Pipeline.DiagnosticsAsync(default)).Any(finding => finding.Code == "OSM4005"), () => "nothing is held");
        var revision = plane.Pipeline.State!.Snapshot.Revision;
        _mesh.Write("policy.yaml", Shop.Policy("/other.*"));
        await Wait.UntilAsync(() => plane.Pipeline.State!.Snapshot.Revision > revision, () => "the policy is not read");
        var identity = plane.IdentityOf(Shop.Buyer);
        using var certificate = plane.CertificateOf(identity);
        await using var late = new TestProxy(plane.Client(certificate, identity.NodeId, Node()), "delta");
        await Wait.UntilAsync(() => plane.Get<StreamRegistry>().Describe().Count == 2, () => "the new proxy is not let in");
        await plane.Pipeline.AskAsync(_ => true, default);

        Assert.Empty(store.Log);
        Assert.Empty(late.Log);

        _mesh.Write("script.yaml", "apiVersion: test.osmext.io/v1\nkind: Script\nmetadata: {name: a, namespace: shop}\nspec: {code: good}\n");
        await late.UntilAsync(() => late.IsComplete);
        await store.UntilAsync(() => Code(store) == "good");
    }

    private Task<RunningControlPlane> StartAsync() => RunningControlPlane.StartAsync(
        _mesh, configure: options => (options.Plugins, options.PluginScanInterval) = (_plugins, TimeSpan.FromMilliseconds(20)));

    private static async Task<TestProxy> ConnectAsync(RunningControlPlane plane, string pod)
    {
        var proxy = await plane.ConnectAsync(pod, "delta", node: Node());
        await proxy.UntilAsync(() => proxy.IsComplete);
        await proxy.HasHostsAsync();
        return proxy;
    }

    // What a release build of Envoy says about itself.
    private static Node Node()
    {
        var extensions = new Extension { Name = "all" };
        extensions.TypeUrls.AddRange(Capabilities.OfRelease(Capabilities.NewestEnvoy).TypeUrls);
        return new() { UserAgentBuildVersion = new() { Version = new() { MajorNumber = 1, MinorNumber = 40 } }, Extensions = { extensions } };
    }

    private static void Forget(params TestProxy[] proxies)
    {
        foreach (var proxy in proxies)
        {
            proxy.ForgetLog();
        }
    }

    // What the plugin's filter of the store's inbound chain holds; null when there is none.
    private static string? Code(TestProxy proxy)
    {
        var listener = (Listener?)proxy.Find(TypeUrls.Listener, "inbound-listener")?.Message;
        var connection = listener?.FilterChains.SelectMany(chain => chain.Filters).Select(filter => EnvoyTypes.Unpack(filter.TypedConfig)).OfType<Connection>().FirstOrDefault();
        var filter = connection?.HttpFilters.FirstOrDefault(filter => filter.TypedConfig.TypeUrl.EndsWith(Lua, StringComparison.Ordinal));
        return filter is null ? null : ((global::Envoy.Extensions.Filters.Http.Lua.V3.Lua)EnvoyTypes.Unpack(filter.TypedConfig)!).DefaultSourceCode.InlineString;
    }

    private static string Manifest(string failure) => $$"""
        id: lua
        version: 1.0.0
        sdk: ">=0.1 <0.2"
        envoy: ">=1.36"
        failure: {{failure}}
        resources:
        - {group: test.osmext.io, kind: Script, versions: [v1], schema: schema.yaml}
        contributions:
        - {name: code, point: http-filter, direction: inbound, for: Script, template: lua.scriban}
        """;

    private static string Template(string code) => $"\"@type\": type.googleapis.com/{Lua}\ndefault_source_code: {{inline_string: {{{{ {code} }}}}}}\n";

    private void Write(string name, string text)
    {
        var (folder, unfinished) = (Path.Combine(_plugins, "lua"), Path.Combine(_plugins, ".unfinished"));
        Directory.CreateDirectory(folder);
        File.WriteAllText(unfinished, text);
        File.Move(unfinished, Path.Combine(folder, name), overwrite: true);
    }
}
