using System.Globalization;
using OsmExt.Testing.Simulation;
using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E.Agreement;

/// <summary>
/// The simulator against meshes that run: what it says of a request must be what real Envoys did with it, over many policies. A longer run has
/// more rounds: OSM_AGREEMENT_ROUNDS=200, other policies another OSM_AGREEMENT_SEED.
/// </summary>
[Collection(nameof(Machine))]
public sealed class AgreementTests
{
    private const int RequestsPerRound = 100;
    private const string Policy = "policy";

    private static readonly int Rounds = int.TryParse(
        Environment.GetEnvironmentVariable("OSM_AGREEMENT_ROUNDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) ? rounds : 15;

    // Another start draws other policies; the numbers of rounds and their seeds are in what a failure says.
    private static readonly int Seed = int.TryParse(
        Environment.GetEnvironmentVariable("OSM_AGREEMENT_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : 0;

    [MeshTheory]
    [InlineData(Requirements.Envoy)]
    [InlineData(Requirements.OldEnvoy)]
    public async Task Simulator_and_real_meshes_agree(string version)
    {
        await using var mesh = await Mesh.StartAsync(config => Prepare(config, version));
        var disagreements = new List<string>();
        for (var round = 0; round < Rounds; round++)
        {
            var seed = (version == Requirements.Envoy ? 1_000 : 2_000) + Seed + round;
            var permissive = round % 5 == 4;
            mesh.Config.Write(Policy, [.. new RandomPolicy(seed).Draw(permissive), .. Marker(round)]);
            await InForceAsync(mesh, round, permissive);

            var simulator = PolicySimulator.Load([mesh.Config.Path], version);
            var dumped = await WithDumpsAsync(mesh, simulator);
            var requests = new RandomRequests(seed);
            for (var index = 0; index < RequestsPerRound; index++)
            {
                var request = requests.Next();
                var seen = await Observation.OfAsync(
                    () => mesh.Pod(request.From.Split('/')[1], request.From.Split('/')[0]).ConnectAsync(request.Host, request.Port), request);
                foreach (var (source, decide) in new[] { ("manifests", simulator), ("dumps", dumped) })
                {
                    if (decide.Decide(request) is var said && !seen.IsForeseen(said))
                    {
                        disagreements.Add($"round {round} (seed {seed}) of {version}, from {source}: {request}\n saw {seen}, simulator: {said}");
                    }
                }
            }
        }

        Assert.True(disagreements.Count == 0, string.Join("\n\n", disagreements));
        await NobodyComplainedAsync(mesh);
    }

    // Whatever was drawn, Envoy takes it whole: nothing is refused, and nothing is deprecated.
    private static async Task NobodyComplainedAsync(Mesh mesh)
    {
        Assert.Equal(0, await mesh.MetricAsync("osm_xds_rejections_total"));
        foreach (var pod in RandomPolicy.Clients.Concat(RandomPolicy.Servers))
        {
            var log = mesh.Log($"{RandomPolicy.Namespace}.{pod}/envoy.err.log");
            Assert.DoesNotContain("deprecated", log, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("rejected", log, StringComparison.OrdinalIgnoreCase);
            var statistics = await mesh.AdminAsync(pod, "stats?filter=(update_rejected|deprecated_feature_use)");
            Assert.Contains("lds.update_rejected: 0", statistics, StringComparison.Ordinal);
            Assert.Contains("runtime.deprecated_feature_use: 0", statistics, StringComparison.Ordinal);
            Assert.All(statistics.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.EndsWith(": 0", line, StringComparison.Ordinal));
        }
    }

    // What the proxies themselves say they have, from their admin pages.
    private static async Task<PolicySimulator> WithDumpsAsync(Mesh mesh, PolicySimulator simulator)
    {
        foreach (var pod in RandomPolicy.Clients.Concat(RandomPolicy.Servers))
        {
            simulator = simulator.WithDump($"{RandomPolicy.Namespace}/{pod}", await mesh.AdminAsync(pod, "config_dump?include_eds"));
        }

        return simulator;
    }

    private static void Prepare(ManifestFolder config, string version)
    {
        config.Write("mesh", PolicyMesh.Objects(version));
        config.Write(Policy, [MeshConfig(), .. Marker(-1)]);
    }

    // A path that nobody but the asker may ask for, and only in this round.
    private static string[] Marker(int round) =>
    [
        $$"""
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: HTTPRouteGroup
        metadata: {name: marker, namespace: shop}
        spec: {matches: [{name: round, pathRegex: "/round{{round}}"}]}
        """,
        Target(RandomPolicy.Namespace, "marker", "marker", ["asker"], "{kind: HTTPRouteGroup, name: marker}"),
    ];

    // Permissive mode answers everything, so it is the path of no round that tells whether it is on.
    private static async Task InForceAsync(Mesh mesh, int round, bool permissive)
    {
        var asker = mesh.Pod("asker");
        await Wait.ForAsync(200, () => asker.StatusAsync($"http://marker:8080/round{round}"));
        await Wait.ForAsync(permissive ? 200 : 403, () => asker.StatusAsync("http://marker:8080/no-round"));
        await Wait.UntilAsync(mesh.InSyncAsync, "all sidecars have acknowledged the round's policy");
    }
}
