using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using OsmExt.DataPlane.Tests.Mesh;
using OsmExt.E2E.Agreement;
using OsmExt.Simulation;
using OsmExt.Testing.Simulation;
using Xunit.Abstractions;
using Seen = OsmExt.E2E.Agreement.Observation;

namespace OsmExt.DataPlane.Tests.Agreement;

/// <summary>
/// The policies and requests by which simulator and running Envoys are compared, put to meshes of embedded sidecars: what becomes of each
/// request is what the simulator says, and who is let in is named to the application.
/// </summary>
public class PolicyAgreementTests(ITestOutputHelper output)
{
    private const int RequestsPerRound = 100;

    private static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("OSM_AGREEMENT_ROUNDS"), out var rounds) ? rounds : 30;

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("OSM_AGREEMENT_SEED"), out var seed) ? seed : 0;

    [Fact]
    public async Task Meshes_do_what_the_simulator_says()
    {
        var (disagreements, allowed) = (new List<string>(), 0);
        for (var round = 0; round < Rounds; round++)
        {
            // The seeds of both Envoys' rounds.
            var seed = (round % 2 == 0 ? 1_000 : 2_000) + Seed + (round / 2);
            var manifests = Path.GetTempFileName();
            try
            {
                await File.WriteAllTextAsync(manifests, string.Join("\n---\n", [.. PolicyMesh.Objects("1.40.0"), .. new RandomPolicy(seed).Draw((round / 2) % 5 == 4)]));
                var simulator = PolicySimulator.Load([manifests]);
                await using var mesh = await TestMesh.OfAsync(manifests);
                var clients = new ConcurrentQueue<string>();
                await ServeAsync(mesh, clients);
                var requests = new RandomRequests(seed);
                for (var index = 0; index < RequestsPerRound; index++)
                {
                    var request = requests.Next();
                    var to = new IPEndPoint(IPAddress.Parse(PolicyMesh.ServiceAddress(request.Host.Split('.')[0])), request.Port);
                    // A pod's own name means itself, by its own hosts file, past its proxy.
                    var itself = request.From == $"{RandomPolicy.Namespace}/{request.Host}";
                    var seen = await Seen.OfAsync(async () => itself ? await mesh[request.From].OpenApplicationAsync(request.Port, CancellationToken.None) : await mesh[request.From].DialOutAsync(to), request);
                    var said = simulator.Decide(request);
                    var identified = Identified(request, seen, clients);
                    if (!identified || (!seen.IsForeseen(said) && !(IsRepeated(request) && seen.Status is 403 or 404)))
                    {
                        disagreements.Add($"round {round} (seed {seed}): {request} with {string.Join(", ", request.Headers)}\n saw {seen}, simulator: {said}{(identified ? "" : ", and the application was not told who it is")}");
                    }

                    allowed += seen.Pod.Length > 0 ? 1 : 0;
                }
            }
            finally
            {
                File.Delete(manifests);
            }
        }

        output.WriteLine($"{Rounds * RequestsPerRound} requests, {allowed} let in");
        Assert.True(disagreements.Count == 0, $"{disagreements.Count}:\n{string.Join("\n\n", disagreements.Take(50))}");
    }

    // A header's lines are sent on as one, so that a rule for the value of one of them does not match: the data plane refuses more than Envoy.
    private static bool IsRepeated(PolicyRequest request) => request.Headers.Select(header => header.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count() < request.Headers.Count;

    // Those without a sidecar have no identity; to be let in they are in permissive mode.
    private static bool Identified(PolicyRequest request, Seen seen, ConcurrentQueue<string> clients)
        => request.Protocol == SimulatedProtocol.Tcp || seen.Pod.Length == 0 || (clients.TryDequeue(out var told)
            && (request.From.Contains("stranger", StringComparison.Ordinal) || told.Length == 0
                || told.EndsWith($";URI=spiffe://cluster.local/{request.From.Split('/')[1]}/{request.From.Split('/')[0]}", StringComparison.Ordinal)));

    private static async Task ServeAsync(TestMesh mesh, ConcurrentQueue<string> clients)
    {
        foreach (var server in RandomPolicy.Servers)
        {
            var pod = mesh[$"{RandomPolicy.Namespace}/{server}"];
            pod.Serve(8080, await TestServer.HttpAsync(context =>
            {
                clients.Enqueue(context.Request.Headers["x-forwarded-client-cert"].ToString());
                context.Response.Headers["x-pod"] = server;
                return Task.CompletedTask;
            }));
            pod.Serve(9000, await TestServer.TcpAsync(async socket =>
            {
                await socket.ReceiveAsync(new byte[1000]);
                await socket.SendAsync(Encoding.ASCII.GetBytes($"{server} heard it\n"));
            }));
            pod.Serve(9001, await TestServer.TcpAsync(async socket => await socket.SendAsync(Encoding.ASCII.GetBytes($"hello from {server}\n"))));
        }
    }
}
