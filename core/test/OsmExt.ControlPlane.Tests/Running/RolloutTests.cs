using System.Text.Json.Nodes;
using Envoy.Config.Listener.V3;
using Microsoft.Extensions.Time.Testing;
using OsmExt.PluginHost;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>New versions of plugins that come in force step by step, in virtual time.</summary>
public sealed class RolloutTests : IDisposable
{
    private const string Plan = "plugins:\n  alpha:\n    rollout:\n      bakeTime: 2m\n      steps: [{labels: {tier: canary}}, {namespaces: [elsewhere]}]\n";
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly MeshDirectory _mesh = new();
    private readonly ScriptPlugins _plugins = new();

    public RolloutTests()
    {
        _mesh.Write("workloads.yaml", Shop.Workloads.Replace("name: store-2\n  namespace: shop\n  labels: {app: store", "name: store-2\n  namespace: shop\n  labels: {tier: canary, app: store", StringComparison.Ordinal));
        _mesh.Write("objects.yaml", ScriptPlugins.Object("alpha", "a", "x") + ScriptPlugins.Object("beta", "b", "y"));
        _plugins.Write("alpha").Write("beta");
        Policy(Plan);
    }

    public void Dispose()
    {
        _mesh.Dispose();
        _plugins.Dispose();
    }

    [Fact]
    public async Task A_new_version_reaches_some_first_and_everybody_when_nothing_goes_wrong()
    {
        await using var plane = await StartAsync();
        await using var store = await ConnectAsync(plane, Shop.Store1);
        await using var canary = await ConnectAsync(plane, Shop.Store2);
        var seen = store.Log;

        _plugins.Write("alpha", code: "spec.code + \"-new\"");
        await SeeAsync(canary, "alpha.code.shop.a=x-new", "beta.code.shop.b=y");
        Assert.Equal(["alpha.code.shop.a=x", "beta.code.shop.b=y"], Scripts(store));
        Assert.Equal(seen, store.Log);
        var rollout = Assert.Single((await PageAsync(plane))["rollouts"]!.AsArray())!;
        Assert.Equal("alpha rolling out 1 of 2, 1 proxies", $"{rollout["plugin"]} {rollout["state"]} {rollout["step"]} of {rollout["steps"]}, {rollout["proxies"]} proxies");
        Assert.Equal(1, await plane.MetricAsync("osm_plugin_rollout_step", "alpha"));

        // Nothing happens before its time, whoever comes and whatever is written.
        _time.Advance(TimeSpan.FromSeconds(100));
        _mesh.Write("objects.yaml", ScriptPlugins.Object("alpha", "a", "z") + ScriptPlugins.Object("beta", "b", "y"));
        await SeeAsync(canary, "alpha.code.shop.a=z-new", "beta.code.shop.b=y");
        await SeeAsync(store, "alpha.code.shop.a=z", "beta.code.shop.b=y");

        _time.Advance(TimeSpan.FromSeconds(30));
        await UntilAsync(async () => (int)(await PageAsync(plane))["rollouts"]![0]!["step"]! == 2, () => "it stays at the first step");
        Assert.Equal(["alpha.code.shop.a=z", "beta.code.shop.b=y"], Scripts(store));

        _time.Advance(TimeSpan.FromMinutes(2));
        await SeeAsync(store, "alpha.code.shop.a=z-new", "beta.code.shop.b=y");
        Assert.Empty((await PageAsync(plane))["rollouts"]!.AsArray());
        Assert.Empty(plane.Get<PluginsInForce>().Current.Staged);
    }

    [Fact]
    public async Task The_code_of_the_version_before_leaves_memory_when_the_new_one_is_in_force_for_all()
    {
        _plugins.WriteBehaviour();
        _mesh.Write("behaviour.yaml", ScriptPlugins.Object("behaviour", "c", "-- c").Replace("code:", "what:", StringComparison.Ordinal));
        Policy(Plan.Replace("alpha", "behaviour", StringComparison.Ordinal));
        await using var plane = await StartAsync();
        await using var store = await ConnectAsync(plane, Shop.Store1);
        await UntilAsync(() => Task.FromResult(ScriptPlugins.Of(store).Any(script => script.EndsWith("-- c", StringComparison.Ordinal))), () => string.Join('\n', store.Log));
        var code = CodeOf(plane, "behaviour");

        var manifest = Path.Combine(_plugins.Root, "behaviour", "plugin.yaml");
        File.WriteAllText(manifest, File.ReadAllText(manifest) + "# the same again\n");
        await UntilAsync(() => Task.FromResult(plane.Get<PluginsInForce>().Current.Staged.Count == 1), () => plane.Logs.Text);
        for (var minute = 0; minute < 6; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await TicksAsync();
        }

        await UntilAsync(() => Task.FromResult(plane.Get<PluginsInForce>().Current.Staged.Count == 0), () => plane.Logs.Text);
        await UntilAsync(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return Task.FromResult(!code.IsAlive);
            }, () => "it is still there");
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference CodeOf(RunningControlPlane plane, string plugin) => new(plane.Get<PluginsInForce>().Current.Find(plugin)!.Code!.Plugin!.GetType().Assembly);

    [Fact]
    public async Task A_new_version_may_be_the_first_that_reads_Secrets()
    {
        Policy("plugins:\n  alpha: {grants: [read-secrets]}\n");
        _mesh.Write("secret.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: token, namespace: shop}\nstringData: {value: abc}\n");
        await using var plane = await StartAsync();
        await using var store = await ConnectAsync(plane, Shop.Store1);

        _plugins.Write("alpha", capabilities: "read-secrets", template: """
            "@type": type.googleapis.com/envoy.extensions.filters.http.credential_injector.v3.CredentialInjector
            credential:
              name: generic
              typed_config: {"@type": type.googleapis.com/envoy.extensions.http.injected_credentials.generic.v3.Generic, credential: {name: "secret:token"}, header: x-token}
            """);
        await UntilAsync(() => Task.FromResult(plane.Get<PluginsInForce>().Current.MayHaveSecrets), () => plane.Logs.Text);
        await UntilAsync(async () => !(await FindingsAsync(plane)).Any(finding => finding.Code == DiagnosticCodes.SecretNotUsable), () => plane.Logs.Text);
    }

    [Fact]
    public async Task A_version_that_a_proxy_refuses_is_taken_back_and_the_others_never_see_it()
    {
        await using var plane = await StartAsync();
        await using var store = await ConnectAsync(plane, Shop.Store1);
        await using var canary = await ConnectAsync(plane, Shop.Store2);
        var (seen, old) = (store.Log, plane.Get<PluginsInForce>().Current.Find("alpha")!.Digest);

        _plugins.Write("alpha", code: "\"bad\"");
        await UntilAsync(async () => (await FindingsAsync(plane)).Any(finding => finding.Code == DiagnosticCodes.RolloutHalted), () => plane.Logs.Text);
        await SeeAsync(canary, "alpha.code.shop.a=x", "beta.code.shop.b=y");
        _time.Advance(TimeSpan.FromMinutes(10));
        await TicksAsync();

        Assert.Equal(seen, store.Log);
        Assert.Equal(old, plane.Get<PluginsInForce>().Current.Find("alpha")!.Digest);
        var halted = Assert.Single(await FindingsAsync(plane), finding => finding.Code == DiagnosticCodes.RolloutHalted);
        Assert.Contains("was taken back at step 1 of 2 (pods with tier=canary): shop/store-2 refused", halted.Message, StringComparison.Ordinal);
        Assert.Contains("script load error", halted.Message, StringComparison.Ordinal);
        Assert.Equal(("taken back", 0, 1), ((string)(await PageAsync(plane))["rollouts"]![0]!["state"]!, await plane.MetricAsync("osm_plugin_rollout_step", "alpha"), await plane.MetricAsync("osm_plugin_rollout_taken_back", "alpha")));

        // Mended files are a new version.
        _plugins.Write("alpha", code: "\"good\"");
        await SeeAsync(canary, "alpha.code.shop.a=good", "beta.code.shop.b=y");
        Assert.Equal(seen, store.Log);
        Assert.DoesNotContain(await FindingsAsync(plane), finding => finding.Code == DiagnosticCodes.RolloutHalted);
    }

    [Fact]
    public async Task A_version_that_fails_where_the_one_before_does_not_is_taken_back()
    {
        await using var plane = await StartAsync();
        await using var store = await ConnectAsync(plane, Shop.Store1);
        await using var canary = await ConnectAsync(plane, Shop.Store2);
        _plugins.Write("alpha", code: "(spec.code == \"odd\" ? spec.nosuch : spec.code) + \"-new\"");
        await SeeAsync(canary, "alpha.code.shop.a=x-new", "beta.code.shop.b=y");

        _mesh.Write("objects.yaml", ScriptPlugins.Object("alpha", "a", "odd") + ScriptPlugins.Object("beta", "b", "y"));

        await SeeAsync(canary, "alpha.code.shop.a=odd", "beta.code.shop.b=y");
        await SeeAsync(store, "alpha.code.shop.a=odd", "beta.code.shop.b=y");
        Assert.Contains("Alpha shop/a", Assert.Single(await FindingsAsync(plane), finding => finding.Code == DiagnosticCodes.RolloutHalted).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_control_plane_that_starts_again_goes_on_where_it_was()
    {
        var records = Path.Combine(_mesh.State, "plugins", "alpha");
        await using (var first = await StartAsync())
        {
            await using var canary = await ConnectAsync(first, Shop.Store2);
            _plugins.Write("alpha", code: "spec.code + \"-new\"");
            await SeeAsync(canary, "alpha.code.shop.a=x-new", "beta.code.shop.b=y");
            _time.Advance(TimeSpan.FromMinutes(2));
            await UntilAsync(() => Task.FromResult(File.Exists(Path.Combine(records, "rollout.json")) && File.ReadAllText(Path.Combine(records, "rollout.json")).Contains("\"Step\":1", StringComparison.Ordinal)), () => "nothing is kept");
        }

        await using (var second = await StartAsync())
        {
            await using var store = await ConnectAsync(second, Shop.Store1);
            await using var canary = await ConnectAsync(second, Shop.Store2);
            Assert.Equal(["alpha.code.shop.a=x", "beta.code.shop.b=y"], Scripts(store));
            Assert.Equal(["alpha.code.shop.a=x-new", "beta.code.shop.b=y"], Scripts(canary));
            Assert.Equal(2, (int)(await PageAsync(second))["rollouts"]![0]!["step"]!);

            _plugins.Write("alpha", code: "\"bad\"");
            await UntilAsync(async () => (await FindingsAsync(second)).Any(finding => finding.Code == DiagnosticCodes.RolloutHalted), () => second.Logs.Text);
            await UntilAsync(() => Task.FromResult(!File.ReadAllText(Path.Combine(records, "rollout.json")).Contains("\"Fault\":null", StringComparison.Ordinal)), () => "the fault is not kept");
        }

        await using (var third = await StartAsync())
        {
            await using var canary = await ConnectAsync(third, Shop.Store2);
            Assert.Equal((0, "alpha.code.shop.a=x"), (canary.Refused, Scripts(canary)[0]));
            Assert.Contains(await FindingsAsync(third), finding => finding.Code == DiagnosticCodes.RolloutHalted);

            Policy("plugins: {}\n");
            _plugins.Write("alpha", code: "spec.code + \"-mended\"");
            await SeeAsync(canary, "alpha.code.shop.a=x-mended", "beta.code.shop.b=y");
            await UntilAsync(() => Task.FromResult(!Directory.Exists(records)), () => "what is over is kept");
        }
    }

    [Theory]
    // The operator has seen enough.
    [InlineData("plugins: {}\n", "x-new")]
    // The operator wants the version before, and no other.
    [InlineData("plugins:\n  alpha: {digest: \"OLD\"}\n", "x")]
    public async Task The_policy_file_ends_a_rollout_either_way(string policy, string code)
    {
        await using var plane = await StartAsync();
        await using var store = await ConnectAsync(plane, Shop.Store1);
        await using var canary = await ConnectAsync(plane, Shop.Store2);
        var old = plane.Get<PluginsInForce>().Current.Find("alpha")!.Digest;
        _plugins.Write("alpha", code: "spec.code + \"-new\"");
        await SeeAsync(canary, "alpha.code.shop.a=x-new", "beta.code.shop.b=y");

        Policy(policy.Replace("OLD", old, StringComparison.Ordinal));

        await SeeAsync(store, $"alpha.code.shop.a={code}", "beta.code.shop.b=y");
        await SeeAsync(canary, $"alpha.code.shop.a={code}", "beta.code.shop.b=y");
        await UntilAsync(() => Task.FromResult(plane.Get<PluginsInForce>().Current.Staged.Count == 0), () => "it is still rolled out");
    }

    private void Policy(string text)
    {
        var unfinished = Path.Combine(_plugins.Root, ".policy");
        File.WriteAllText(unfinished, text);
        File.Move(unfinished, Path.Combine(_plugins.Root, "policy.yaml"), overwrite: true);
    }

    private Task<RunningControlPlane> StartAsync() => StartedAsync(RunningControlPlane.StartAsync(
        _mesh, _time, options => (options.Plugins, options.PluginScanInterval) = (_plugins.Root, TimeSpan.FromMilliseconds(20))));

    // The control plane waits for moments of quiet, which somebody has to let pass.
    private async Task<RunningControlPlane> StartedAsync(Task<RunningControlPlane> starting)
    {
        await UntilAsync(() => Task.FromResult(starting.IsCompleted), () => "it does not start");
        return await starting;
    }

    private static async Task<TestProxy> ConnectAsync(RunningControlPlane plane, string pod)
    {
        var identity = plane.IdentityOf(pod);
        var proxy = new TestProxy(plane.Client(plane.CertificateOf(identity), identity.NodeId, ScriptPlugins.Node()), "delta")
        {
            Refusal = response => response.Resources.Any(resource => ScriptPlugins.Of(resource.Message as Listener).Any(script => script.EndsWith("=bad", StringComparison.Ordinal)))
                ? "Error adding/updating listener(s) inbound-listener: script load error" : null,
        };
        await proxy.UntilAsync(() => proxy.IsComplete);
        await proxy.HasHostsAsync();
        return proxy;
    }

    private static string[] Scripts(TestProxy proxy) => [.. ScriptPlugins.Of(proxy).Order(StringComparer.Ordinal)];

    private Task SeeAsync(TestProxy proxy, params string[] scripts)
        => UntilAsync(() => Task.FromResult(Scripts(proxy).SequenceEqual(scripts)), () => $"has {string.Join(", ", ScriptPlugins.Of(proxy))}\n{string.Join('\n', proxy.Log)}");

    private Task UntilAsync(Func<Task<bool>> condition, Func<string> describe) => Wait.UntilAsync(
        () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));
            return condition();
        }, describe);

    private async Task TicksAsync()
    {
        var end = _time.GetUtcNow() + TimeSpan.FromSeconds(1);
        await UntilAsync(() => Task.FromResult(_time.GetUtcNow() > end), () => "time stands still");
    }

    private static async Task<JsonNode> PageAsync(RunningControlPlane plane) => await plane.DebugAsync("/debug/plugins");

    private static Task<IReadOnlyList<Diagnostic>> FindingsAsync(RunningControlPlane plane) => plane.Pipeline.DiagnosticsAsync(default);
}
