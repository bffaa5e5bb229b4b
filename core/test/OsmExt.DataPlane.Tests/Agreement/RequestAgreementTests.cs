using OsmExt.Simulation.Tests.Agreement;
using Xunit.Abstractions;

namespace OsmExt.DataPlane.Tests.Agreement;

/// <summary>
/// The requests that simulator and Envoy are compared by, sent to the data plane as the same bytes: it must answer as Envoy does, and where
/// there is none, as the simulator says.
/// </summary>
public class RequestAgreementTests(ITestOutputHelper output)
{
    private static readonly int Requests = int.TryParse(Environment.GetEnvironmentVariable("OSM_AGREEMENT_REQUESTS"), out var asked) ? asked : 3_000;

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("OSM_AGREEMENT_SEED"), out var seed) ? seed : 0;

    public static TheoryData<string> Versions => [.. Envoys.Versions];

    [EnvoyTheory]
    [MemberData(nameof(Versions))]
    public async Task It_answers_as_Envoy_does(string version)
    {
        var path = Envoys.Find(version).Path;
        Assert.NotNull(path);
        var listeners = AgreementListeners.All();
        await using var envoy = await RunningEnvoy.StartAsync(path, AgreementListeners.Bootstrap(listeners));
        await using var engine = await EngineUnderTest.StartAsync(listeners, version);
        await CompareAsync(version, engine, (name, request) => RawClient.SendAsync(envoy.Ports[name], request), RawClient.SendAsync);
    }

    [EnvoyTheory]
    [MemberData(nameof(Versions))]
    public async Task It_answers_as_Envoy_does_over_HTTP_2(string version)
    {
        var path = Envoys.Find(version).Path;
        Assert.NotNull(path);
        var listeners = AgreementListeners.All();
        await using var envoy = await RunningEnvoy.StartAsync(path, AgreementListeners.Bootstrap(listeners));
        await using var engine = await EngineUnderTest.StartAsync(listeners, version);
        // One connection each, with all its frames: a few of them say as much as many do over HTTP/1.1. What is no request is answered by an end that Envoy puts off for a second.
        await CompareAsync(version, engine, (name, request) => RawHttp2Client.SendAsync(envoy.Ports[name], request), RawHttp2Client.SendAsync, Requests / 6, atOnce: 8);
    }

    [Fact]
    public async Task It_answers_as_the_simulator_says()
    {
        const string Version = "1.40.0";
        var listeners = AgreementListeners.All();
        await using var engine = await EngineUnderTest.StartAsync(listeners, Version);
        var simulated = new SimulatedListeners(listeners, engine.Ports, Version);
        await CompareAsync(Version, engine,
            (name, request) => Task.FromResult(simulated.Ask(name, request).Answer ?? throw new InvalidOperationException($"undecided: {request}")), RawClient.SendAsync);
    }

    private async Task CompareAsync(string version, EngineUnderTest engine, Func<string, RawRequest, Task<RawAnswer>> expect, Func<int, RawRequest, Task<RawAnswer>> send, int? count = null, int atOnce = 1)
    {
        var ports = engine.Ports;
        string[] names = [.. ports.Keys];
        var generator = new RequestGenerator(Seed + Requests + version[2]);
        var differences = new Differences();
        (string Name, RawRequest Request)[] asked = [.. Enumerable.Range(0, count ?? Requests).Select(index => (names[index % names.Length], generator.Next()))];
        var answers = new RawAnswer[asked.Length][];
        await Parallel.ForAsync(0, asked.Length, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (index, _)
            => answers[index] = await Task.WhenAll(expect(asked[index].Name, asked[index].Request), send(ports[asked[index].Name], asked[index].Request)));
        foreach (var ((name, request), both) in asked.Zip(answers))
        {
            differences.Add($"{name}: {request}", request, both[0], both[1]);
        }

        output.WriteLine($"{count ?? Requests} requests of seed {Seed}: {differences.Summary}");
        differences.AssertNoneUnexpected();
    }
}
