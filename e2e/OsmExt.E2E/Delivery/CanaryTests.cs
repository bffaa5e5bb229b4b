using System.Globalization;
using System.Text.RegularExpressions;
using static OsmExt.E2E.Delivery.Deployments;

namespace OsmExt.E2E.Delivery;

/// <summary>
/// A whole canary as Flagger drives it: the objects it writes, in its order, under traffic from callers with both Envoys, on new connections and on
/// kept ones. Not one request may be lost.
/// </summary>
public sealed partial class CanaryTests
{
    private const string Apex = "pod-info";
    private const string Url = $"http://{Apex}.{Namespace}:8080/";
    private const string Account = "pod-info";
    private const string CanaryAddress = "10.244.4.9";

    private static readonly string[] Callers = ["tester-1", "old-tester-1"];
    private static readonly (string Pod, string Address) First = ("primary-1", "10.244.4.1");
    private static readonly (string Pod, string Address) Second = ("primary-2", "10.244.4.2");
    private static readonly (string Pod, string Address) Canary = ("canary-1", CanaryAddress);

    [MeshFact]
    public async Task A_canary_goes_from_nothing_to_everything_and_becomes_the_primary_and_no_request_is_lost()
    {
        await using var mesh = await Mesh.StartAsync(Prepare);
        await using var traffic = new Traffic([.. Callers.Select(caller => (mesh.Pod(caller, Namespace), Url))]);
        Assert.Equal(["primary-1"], await AnsweringAsync(mesh));

        // A new version: the target is scaled up, and its Service has endpoints before any weight.
        mesh.Config.Write("canary", Pod(Apex, Canary.Pod, CanaryAddress, Account, envoy: Requirements.OldEnvoy));
        await ReadyAsync(mesh, Canary.Pod);
        mesh.Config.Write("canary-service", Service($"{Apex}-canary", "10.96.4.3", Apex, Canary));
        await Wait.ForAsync(200, () => mesh.Pod(Callers[0], Namespace).StatusAsync($"http://{Apex}-canary:8080/"));

        for (var weight = 10; weight <= 100; weight += 10)
        {
            await ShiftAsync(mesh, weight);
            var shares = await mesh.Pod(Callers[weight / 10 % 2], Namespace).CountAsync(Url, 400);
            Assert.InRange(shares.GetValueOrDefault(Canary.Pod) / 4.0, Math.Max(0, weight - 12), Math.Min(100, weight + 12));
        }

        Assert.Equal(["canary-1"], await AnsweringAsync(mesh));

        // Promotion: the primary is rolled to the new version while the canary has all traffic; then everything goes back, and the target to nothing.
        mesh.Config.Write("second", Pod($"{Apex}-primary", Second.Pod, Second.Address, Account));
        await ReadyAsync(mesh, Second.Pod);
        Primaries(mesh.Config, First, Second);
        await EndpointsAsync(mesh, Second.Address, isThere: true);
        Primaries(mesh.Config, Second);
        await EndpointsAsync(mesh, First.Address, isThere: false);
        await ShiftAsync(mesh, 0);
        Assert.Equal(["primary-2"], await AnsweringAsync(mesh));
        mesh.Config.Delete("first");
        mesh.Config.Write("canary-service", Service($"{Apex}-canary", "10.96.4.3", Apex));
        await EndpointsAsync(mesh, CanaryAddress, isThere: false);
        mesh.Config.Delete("canary");
        await Wait.UntilAsync(() => !mesh.Pod(Canary.Pod, Namespace).Exists && !mesh.Pod(First.Pod, Namespace).Exists, "the old pods are gone");
        Assert.Equal(["primary-2"], await AnsweringAsync(mesh));

        Assert.Empty(await traffic.StopAsync());
        Assert.InRange(traffic.Sent, 1000, int.MaxValue);
    }

    private static async Task ShiftAsync(Mesh mesh, int weight)
    {
        mesh.Config.Write("split", Split(Apex, weight));
        foreach (var caller in Callers)
        {
            await Wait.ForAsync(weight, async () => await WeightAsync(mesh, caller));
        }
    }

    // What the caller's own routes say of the apex.
    private static async Task<int> WeightAsync(Mesh mesh, string caller)
    {
        var config = await AdminAsync(mesh, caller, "config_dump?resource=dynamic_route_configs");
        return Weights().Match(config) is { Success: true } match ? int.Parse(match.Groups["weight"].Value, CultureInfo.InvariantCulture) : -1;
    }

    private static Task<TimeSpan> EndpointsAsync(Mesh mesh, string address, bool isThere) => Wait.UntilAsync(
        async () => (await Task.WhenAll(Callers.Select(caller => AdminAsync(mesh, caller, "clusters")))).All(page => page.Length > 0 && page.Contains($"::{address}:", StringComparison.Ordinal) == isThere),
        $"callers {(isThere ? "have" : "do not have")} the endpoint {address}");

    private static async Task ReadyAsync(Mesh mesh, string pod)
    {
        await Wait.UntilAsync(async () => (await AdminAsync(mesh, pod, "listeners")).Contains("inbound", StringComparison.Ordinal), $"the sidecar of {pod} listens");
        await Wait.ForAsync(200, () => mesh.Pod(pod, Namespace).StatusAsync("http://127.0.0.1:8080/"));
    }

    private static async Task<string> AdminAsync(Mesh mesh, string pod, string page)
    {
        using var client = mesh.Pod(pod, Namespace).CreateClient();
        try
        {
            return await client.GetStringAsync(new Uri($"http://127.0.0.1:15000/{page}"));
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    private static async Task<IEnumerable<string>> AnsweringAsync(Mesh mesh)
    {
        var counts = await Task.WhenAll(Callers.Select(caller => mesh.Pod(caller, Namespace).CountAsync(Url, 50)));
        return counts.SelectMany(count => count.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
    }

    [GeneratedRegex(@"/pod-info-canary\|8080"",\s*""weight"": (?<weight>\d+)\s*\},\s*\{\s*""name"": ""test/pod-info-primary\|8080""")]
    private static partial Regex Weights();

    // The apex selects the primary's pods too, as Flagger writes it.
    private static void Primaries(ManifestFolder config, params (string Pod, string Address)[] endpoints)
    {
        config.Write("apex", Service(Apex, "10.96.4.1", $"{Apex}-primary", endpoints));
        config.Write("primary-service", Service($"{Apex}-primary", "10.96.4.2", $"{Apex}-primary", endpoints));
    }

    private static void Prepare(ManifestFolder config)
    {
        config.Write("mesh", Manifests.MeshConfig(permissive: true), Manifests.Namespace(Namespace));
        config.Write("first", Pod($"{Apex}-primary", First.Pod, First.Address, Account));
        Primaries(config, First);
        config.Write("canary-service", Service($"{Apex}-canary", "10.96.4.3", Apex));
        config.Write("split", Split(Apex, 0));
        config.Write("clients", Client("load-tester", Callers[0], "10.244.4.20"), Client("old-tester", Callers[1], "10.244.4.21", Requirements.OldEnvoy));
    }
}
