using Envoy.Config.Listener.V3;
using OsmExt.ControlPlane.Reporting;
using OsmExt.Sdk.Status;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>How far objects have come, while a control plane runs.</summary>
public sealed class StatusTests : IDisposable
{
    private readonly MeshDirectory _mesh = new();
    private readonly ScriptPlugins _plugins = new();

    public void Dispose()
    {
        _mesh.Dispose();
        _plugins.Dispose();
    }

    [Fact]
    public async Task The_mesh_s_own_objects_and_plugins_objects_are_told_alike()
    {
        _plugins.Write("alpha");
        _mesh.Write("objects.yaml", ScriptPlugins.Object("alpha", "a", "one"));
        await using var plane = await StartAsync();

        Assert.Equal("True True False False False NoProxies", await SaidAsync(plane, "TrafficTarget shop/store"));
        Assert.Equal("True True False False False NoProxies", await SaidAsync(plane, "Alpha shop/a"));

        await using var store = await ConnectAsync(plane, Shop.Store1);
        await using var buyer = await ConnectAsync(plane, Shop.Buyer);

        Assert.Equal("True True True False False Programmed", await SaidAsync(plane, "TrafficTarget shop/store"));
        Assert.Equal("True True True False False Programmed", await SaidAsync(plane, "HTTPRouteGroup shop/store-routes"));
        Assert.Equal("True True True False False Programmed", await SaidAsync(plane, "MeshConfig osm-system/osm-mesh-config"));
        Assert.Equal("True True True False False Programmed", await SaidAsync(plane, "Alpha shop/a"));
        Assert.Equal((1, 2), ((await StatusAsync(plane, "Alpha shop/a")).Proxies!.Selected, (await StatusAsync(plane, "MeshConfig osm-system/osm-mesh-config")).Proxies!.Selected));
    }

    [Fact]
    public async Task What_a_proxy_refuses_and_what_is_written_badly_is_told_at_the_object()
    {
        _plugins.Write("alpha").Write("beta");
        await using var plane = await StartAsync();
        await using var store = await ConnectAsync(plane, Shop.Store1);

        _mesh.Write("objects.yaml", ScriptPlugins.Object("alpha", "a", "bad") + ScriptPlugins.Object("beta", "b", "two")
            + "---\napiVersion: test.osmext.io/v1\nkind: Beta\nmetadata: {name: wrong, namespace: shop}\nspec: {cod: x}\n"
            + "---\napiVersion: test.osmext.io/v1\nkind: Beta\nmetadata: {name: nobody, namespace: shop}\nspec: {targetRef: {kind: Service, name: nosuch}}\n"
            + "---\napiVersion: access.smi-spec.io/v1alpha3\nkind: TrafficTarget\nmetadata: {name: outside, namespace: elsewhere}\n"
            + "spec: {destination: {kind: ServiceAccount, name: a, namespace: elsewhere}, sources: [{kind: ServiceAccount, name: b, namespace: elsewhere}], rules: [{kind: HTTPRouteGroup, name: r}]}\n");
        await Wait.UntilAsync(async () => ScriptPlugins.Of(store).SequenceEqual(["beta.code.shop.b=two"]) && (await SaidAsync(plane, "Alpha shop/a")).EndsWith("Pending", StringComparison.Ordinal), () => plane.Logs.Text);

        Assert.Equal("True True False False True Pending", await SaidAsync(plane, "Alpha shop/a"));
        Assert.Contains("(\"script load error\")", (await StatusAsync(plane, "Alpha shop/a")).Condition(ConditionTypes.Degraded)!.Message, StringComparison.Ordinal);
        Assert.Equal("True True True False False Programmed", await SaidAsync(plane, "Beta shop/b"));
        Assert.Equal("False True False False False NotAccepted", await SaidAsync(plane, "Beta shop/wrong"));
        Assert.Equal("True False False False False MatchesNothing", await SaidAsync(plane, "Beta shop/nobody"));
        Assert.StartsWith("False ", await SaidAsync(plane, "TrafficTarget elsewhere/outside"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Statuses_are_written_beside_the_state_and_times_survive_a_restart()
    {
        var file = Path.Combine(_mesh.State, "status", "shop", "TrafficTarget", "store.yaml");
        await using (await StartAsync())
        {
            await Wait.UntilAsync(() => File.Exists(file), () => "no status is written");
        }

        var before = await File.ReadAllTextAsync(file);
        Assert.Contains("reason: NoProxies", before, StringComparison.Ordinal);
        var early = string.Join('\n', before.Split('\n').Select(line => line.Contains("lastTransitionTime: ", StringComparison.Ordinal) ? line[..line.IndexOf(':', StringComparison.Ordinal)] + ": \"2026-01-01T00:00:00Z\"" : line));
        await File.WriteAllTextAsync(file, early);
        await using var again = await StartAsync();
        await Wait.UntilAsync(async () => (await StatusAsync(again, "TrafficTarget shop/store")).Conditions.All(condition => condition.LastTransition.Year == 2026 && condition.LastTransition.Month == 1),
            () => "the times are others");
        Assert.Equal(early, await File.ReadAllTextAsync(file));
        _mesh.Delete("policy.yaml");
        await Wait.UntilAsync(() => !File.Exists(file), () => "the status of what is gone is there");
        _mesh.Write("policy.yaml", Shop.Policy());
        await Wait.UntilAsync(() => File.Exists(file), () => "no status is written");

        Assert.DoesNotContain("2026-01-01T00:00:00Z", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        var config = await File.ReadAllTextAsync(Path.Combine(_mesh.State, "status", "osm-system", "MeshConfig", "osm-mesh-config.yaml"));
        Assert.Contains("type: Accepted", config, StringComparison.Ordinal);
    }

    // Accepted, ResolvedRefs, Programmed, Conflicted, Degraded, and why it is programmed or not.
    private static async Task<string> SaidAsync(RunningControlPlane plane, string name)
    {
        var status = await StatusAsync(plane, name);
        string[] types = [ConditionTypes.Accepted, ConditionTypes.ResolvedRefs, ConditionTypes.Programmed, ConditionTypes.Conflicted, ConditionTypes.Degraded];
        return $"{string.Join(' ', types.Select(type => status.Condition(type)!.Status))} {status.Condition(ConditionTypes.Programmed)!.Reason}";
    }

    private static async Task<ObjectStatus> StatusAsync(RunningControlPlane plane, string name)
    {
        await plane.SettledAsync();
        var all = (await plane.DebugAsync("/debug/status"))["objects"]!.AsArray().Select(StatusDocument.Read).ToArray();
        return Assert.Single(all, status => status!.Object.ToString() == name)!;
    }

    private Task<RunningControlPlane> StartAsync() => RunningControlPlane.StartAsync(_mesh, configure: options
        => (options.Plugins, options.PluginScanInterval, options.StatusInterval) = (_plugins.Root, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20)));

    private static async Task<TestProxy> ConnectAsync(RunningControlPlane plane, string pod)
    {
        var identity = plane.IdentityOf(pod);
        var proxy = new TestProxy(plane.Client(plane.CertificateOf(identity), identity.NodeId, ScriptPlugins.Node()), "delta")
        {
            Refusal = response => response.Resources.Any(resource => ScriptPlugins.Of(resource.Message as Listener).Any(script => script.EndsWith("=bad", StringComparison.Ordinal))) ? "script load error" : null,
        };
        await proxy.UntilAsync(() => proxy.IsComplete);
        await proxy.HasHostsAsync();
        return proxy;
    }
}
