using Envoy.Config.Listener.V3;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>Proxies that refuse what plugins contribute: whoever is to blame is left out, and nobody else.</summary>
public sealed class QuarantineTests : IDisposable
{
    private const string Named = "Error adding/updating listener(s) inbound-listener: script load error";
    private const string Unnamed = "script load error";
    private readonly MeshDirectory _mesh = new();
    private readonly ScriptPlugins _plugins = new();

    public void Dispose()
    {
        _mesh.Dispose();
        _plugins.Dispose();
    }

    [Theory]
    [InlineData("delta", Named)]
    [InlineData("sotw", Named)]
    [InlineData("delta", Unnamed)]
    [InlineData("sotw", Unnamed)]
    public async Task What_a_proxy_refuses_is_left_out_until_it_changes_and_everything_else_stays(string variant, string words)
    {
        _plugins.Write("alpha").Write("beta");
        Objects(("alpha", "a", "one"), ("beta", "b", "one"));
        await using var plane = await StartAsync();
        await using var store = await ConnectAsync(plane, Shop.Store1, variant, words);
        await using var buyer = await ConnectAsync(plane, Shop.Buyer, variant, words);
        var others = buyer.Log.Length;

        Objects(("alpha", "a", "bad"), ("beta", "b", "two"));
        await SeeAsync(store, "beta.code.shop.b=two");

        var finding = Assert.Single(await FindingsAsync(plane));
        Assert.Equal(("Alpha shop/a", Severity.Error), (finding.Object.ToString(), finding.Severity));
        Assert.Contains("Plugin alpha, code", finding.Message, StringComparison.Ordinal);
        Assert.Contains("shop/store-1 refused listener inbound-listener", finding.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(words, finding.Message, StringComparison.Ordinal);
        Assert.Contains("mend Alpha shop/a", finding.Advice, StringComparison.Ordinal);
        Assert.Equal(others, buyer.Log.Length);

        Objects(("alpha", "a", "three"), ("beta", "b", "two"));
        await SeeAsync(store, "alpha.code.shop.a=three", "beta.code.shop.b=two");
        Assert.Empty(await FindingsAsync(plane));

        var refused = store.Refused;
        Objects(("alpha", "a", "bad"), ("beta", "b", "two"));
        await SeeAsync(store, "beta.code.shop.b=two");
        Assert.Equal(refused, store.Refused);
    }

    [Theory]
    [InlineData("delta")]
    [InlineData("sotw")]
    public async Task What_proxies_cannot_do_without_keeps_them_at_what_they_have_and_gives_new_ones_the_same(string variant)
    {
        _plugins.Write("guard", "closed").Write("beta");
        Objects(("guard", "g", "one"), ("beta", "b", "one"));
        await using var plane = await StartAsync();
        await using var store = await ConnectAsync(plane, Shop.Store1, variant, Named);

        Objects(("guard", "g", "bad"), ("beta", "b", "two"));
        await Wait.UntilAsync(async () => (await FindingsAsync(plane)).Any(finding => finding is { Object.Kind: "Guard", Severity: Severity.Error }), () => plane.Logs.Text);
        await using var second = await ConnectAsync(plane, Shop.Store2, variant, Named);

        string[] before = ["beta.code.shop.b=one", "guard.code.shop.g=one"];
        Assert.Equal(before, ScriptPlugins.Of(store));
        Assert.Equal(before, ScriptPlugins.Of(second));
        Assert.Equal(0, second.Refused);
        Assert.Contains(await plane.Pipeline.DiagnosticsAsync(default), finding => finding.Code == DiagnosticCodes.ConfigurationHeld);

        Objects(("guard", "g", "three"), ("beta", "b", "two"));
        await SeeAsync(store, "beta.code.shop.b=two", "guard.code.shop.g=three");
        await SeeAsync(second, "beta.code.shop.b=two", "guard.code.shop.g=three");
    }

    [Fact]
    public async Task Of_many_that_change_at_once_just_the_guilty_stay_out()
    {
        _plugins.Write("alpha").Write("beta");
        Objects([.. Enumerable.Range(0, 12).Select(number => ("alpha", $"a{number:00}", "one")), ("beta", "b", "one")]);
        await using var plane = await StartAsync();
        await using var store = await ConnectAsync(plane, Shop.Store1, "delta", Named);

        Objects([.. Enumerable.Range(0, 12).Select(number => ("alpha", $"a{number:00}", number % 5 == 1 ? "bad" : "two")), ("beta", "b", "one")]);
        await SeeAsync(store, [.. Enumerable.Range(0, 12).Where(number => number % 5 != 1).Select(number => $"alpha.code.shop.a{number:00}=two"), "beta.code.shop.b=one"]);

        Assert.Equal(["a01", "a06", "a11"], (await FindingsAsync(plane)).Select(finding => finding.Object!.Value.Name));
    }

    [Fact]
    public async Task A_proxy_that_comes_with_a_refusal_at_once_gets_the_rest()
    {
        _plugins.Write("alpha").Write("beta");
        Objects(("alpha", "a", "bad"), ("beta", "b", "one"));
        await using var plane = await StartAsync();
        await using var store = await ConnectAsync(plane, Shop.Store1, "delta", Named);

        await SeeAsync(store, "beta.code.shop.b=one");
        Assert.Equal("Alpha shop/a", Assert.Single(await FindingsAsync(plane)).Object.ToString());
    }

    [Fact]
    public async Task What_another_proxy_of_the_same_build_takes_is_not_taken_from_it()
    {
        _plugins.Write("alpha");
        _mesh.Write("buyer.yaml", Shop.Service("buyer", "10.96.0.9", "http-web", 8080));
        _mesh.Write("objects.yaml", "apiVersion: test.osmext.io/v1\nkind: Alpha\nmetadata: {name: a, namespace: shop}\nspec: {code: bad}\n");
        await using var plane = await StartAsync();
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, "delta", node: ScriptPlugins.Node());
        await using var store = await ConnectAsync(plane, Shop.Store1, "delta", Named);

        await Wait.UntilAsync(() => store.Find("type.googleapis.com/envoy.config.listener.v3.Listener", "inbound-listener") is not null, () => string.Join('\n', store.Log));
        Assert.Empty(ScriptPlugins.Of(store));
        Assert.Equal(["alpha.code.shop.a=bad"], ScriptPlugins.Of(buyer));
        Assert.Contains("shop/store-1 refused", Assert.Single(await FindingsAsync(plane)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_no_plugin_has_part_in_is_the_meshs_own_fault()
    {
        _plugins.Write("alpha");
        Objects(("alpha", "a", "one"));
        await using var plane = await StartAsync();
        await using var buyer = await ConnectAsync(plane, Shop.Buyer, "delta", Named);
        buyer.Objection = line => line.StartsWith("CDS", StringComparison.Ordinal) ? "no" : null;

        _mesh.Write("00-mesh.yaml", Shop.Config().Replace("traffic: {", "traffic: {enableEgress: true, ", StringComparison.Ordinal));
        await Wait.UntilAsync(async () => (await plane.Pipeline.DiagnosticsAsync(default)).Any(finding => finding.Code == DiagnosticCodes.RefusedByProxy), () => plane.Logs.Text);

        Assert.Empty(await FindingsAsync(plane));
    }

    private void Objects(params (string Plugin, string Name, string Code)[] objects)
        => _mesh.Write("objects.yaml", string.Concat(objects.Select(item => ScriptPlugins.Object(item.Plugin, item.Name, item.Code))));

    private Task<RunningControlPlane> StartAsync() => RunningControlPlane.StartAsync(
        _mesh, configure: options => (options.Plugins, options.PluginScanInterval) = (_plugins.Root, TimeSpan.FromMilliseconds(20)));

    // Refuses every listener with a bad script, as Envoy would.
    private static async Task<TestProxy> ConnectAsync(RunningControlPlane plane, string pod, string variant, string words)
    {
        var identity = plane.IdentityOf(pod);
        var proxy = new TestProxy(plane.Client(plane.CertificateOf(identity), identity.NodeId, ScriptPlugins.Node()), variant)
        {
            Refusal = response => response.Resources.Any(resource => ScriptPlugins.Of(resource.Message as Listener).Any(script => script.EndsWith("=bad", StringComparison.Ordinal))) ? words : null,
        };
        await proxy.UntilAsync(() => proxy.IsComplete);
        await proxy.HasHostsAsync();
        return proxy;
    }

    private static Task SeeAsync(TestProxy proxy, params string[] scripts)
        => Wait.UntilAsync(() => ScriptPlugins.Of(proxy).Order(StringComparer.Ordinal).SequenceEqual(scripts), () => $"has {string.Join(", ", ScriptPlugins.Of(proxy))}\n{string.Join('\n', proxy.Log)}");

    private static async Task<IReadOnlyList<Diagnostic>> FindingsAsync(RunningControlPlane plane)
    {
        await plane.SettledAsync();
        return [.. (await plane.Pipeline.DiagnosticsAsync(default)).Where(finding => finding.Code == DiagnosticCodes.ContributionQuarantined)];
    }
}
