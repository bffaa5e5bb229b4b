using Xunit.Abstractions;

namespace OsmExt.Simulation.Tests.Agreement;

/// <summary>Sends generated requests to a real Envoy and compares what it does with what the simulator says.</summary>
public class AgreementTests(ITestOutputHelper output)
{
    // More when asked for; the seed moves along with the number, so that a longer run is also another one.
    private static readonly int Requests = int.TryParse(Environment.GetEnvironmentVariable("OSM_AGREEMENT_REQUESTS"), out var asked) ? asked : 3_000;

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("OSM_AGREEMENT_SEED"), out var seed) ? seed : 0;

    public static TheoryData<string> Versions => [.. Envoys.Versions];

    [EnvoyTheory]
    [MemberData(nameof(Versions))]
    public async Task Simulator_and_Envoy_agree_on_hosts_paths_methods_and_headers(string version)
    {
        var path = Envoys.Find(version).Path;
        Assert.NotNull(path);
        var listeners = AgreementListeners.All();
        await using var envoy = await RunningEnvoy.StartAsync(path, AgreementListeners.Bootstrap(listeners));
        var simulated = new SimulatedListeners(listeners, envoy.Ports, version);
        var generator = new RequestGenerator(Seed + Requests + version[2]);
        var (disagreements, undecided) = (new List<string>(), new List<string>());
        for (var index = 0; index < Requests; index++)
        {
            var name = listeners[index % listeners.Length].Name;
            var request = generator.Next();
            var (said, why) = simulated.Ask(name, request);
            if (said is null)
            {
                undecided.Add($"{name}: {request}: {why}");
                continue;
            }

            var real = await RawClient.SendAsync(envoy.Ports[name], request);
            if (real != said)
            {
                disagreements.Add($"{name}: {request}: Envoy {real}, simulator {said} ({why})");
            }
        }

        output.WriteLine($"{Requests} requests of seed {Seed}, {undecided.Count} undecided");
        Assert.True(disagreements.Count == 0, $"{disagreements.Count} disagreements:\n{string.Join('\n', disagreements)}");
        Assert.True(undecided.Count == 0, string.Join('\n', undecided));
    }
}
