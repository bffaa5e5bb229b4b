using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using OsmExt.DataPlane.Tests.Mesh;
using OsmExt.Simulation.Tests.Agreement;
using Xunit.Abstractions;

namespace OsmExt.DataPlane.Tests.Agreement;

/// <summary>
/// Bytes that are hardly a request, or are more than one, put to a real Envoy and to the data plane, each before a backend that says what it
/// read. Nothing may reach the backend here that Envoy does not let there, and answers are the same but for the differences that are listed.
/// </summary>
public class WireAgreementTests(ITestOutputHelper output)
{
    // So many at a time, each with a backend of its own: some shapes make both wait for more, and so does the test.
    private const int Lanes = 8;

    private static readonly int Requests = int.TryParse(Environment.GetEnvironmentVariable("OSM_AGREEMENT_REQUESTS"), out var asked) ? asked : 240;

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("OSM_AGREEMENT_SEED"), out var seed) ? seed : 0;

    public static TheoryData<string> Versions => [.. Envoys.Versions];

    [EnvoyTheory]
    [MemberData(nameof(Versions))]
    public async Task Nothing_passes_that_Envoy_does_not_pass_on(string version)
    {
        var path = Envoys.Find(version).Path;
        Assert.NotNull(path);
        var (here, there) = (await BackendsAsync(), await BackendsAsync());
        var listeners = Enumerable.Range(0, Lanes).Select(Listener).ToArray();
        await using var envoy = await RunningEnvoy.StartAsync(path, AgreementListeners.Bootstrap(listeners, there.Select(Cluster)));
        await using var engine = await EngineUnderTest.StartAsync(listeners, version, here.Select(Cluster));
        var (ports, others) = (engine.Ports, new ConcurrentQueue<(string Name, string Text)>());
        await Parallel.ForAsync(0, Lanes, async (lane, _) =>
        {
            var shapes = new WireShapes(Seed + Requests + version[2] + lane);
            for (var index = 0; index < Requests / Lanes; index++)
            {
                var shape = shapes.Next();
                var said = Encoding.Latin1.GetBytes(shape);
                var answers = await Task.WhenAll(AskAsync(envoy.Ports[$"in{lane}"], said), AskAsync(ports[$"in{lane}"], said));
                var (expected, got) = (new WireOutcome(answers[0], there[lane].TakeSeen()), new WireOutcome(answers[1], here[lane].TakeSeen()));
                if (WireDifferences.Between(shape, expected, got) is { } difference)
                {
                    others.Enqueue((difference, $"{Shown(shape)}\n  Envoy {expected}\n  here  {got}"));
                }
            }
        });
        foreach (var backend in here.Concat(there))
        {
            await backend.Server.DisposeAsync();
        }

        output.WriteLine($"{Requests} of seed {Seed}; differences: {string.Join(", ", others.CountBy(other => other.Name).Select(entry => $"{entry.Value} {entry.Key}"))}");
        string[] unexpected = [.. others.Where(other => other.Name is WireDifferences.Unexpected or WireDifferences.PassedHereAlone).Select(other => $"{other.Name}: {other.Text}")];
        Assert.True(unexpected.Length == 0, $"{unexpected.Length}:\n{string.Join('\n', unexpected.Take(100))}");
    }

    internal static string Shown(string bytes) => bytes.Replace(WireShapes.Last, "…", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);

    private static async Task<RecordingBackend[]> BackendsAsync()
        => await Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane => RecordingBackend.StartAsync($"c{lane}")));

    private static Listener Listener(int lane)
    {
        var listener = ((Listener)OneProxy.Http($"- {{match: {{prefix: /}}, route: {{cluster: c{lane}}}}}").Message).Clone();
        listener.Name = $"in{lane}";
        return listener;
    }

    private static Cluster Cluster(RecordingBackend backend) => (Cluster)OneProxy.Cluster(backend.Name, "", backend.Server.Address).Message;

    // What neither answers nor closes waits for more: there is nothing to come after this.
    private static async Task<string> AskAsync(int port, byte[] bytes)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(400));
        var (said, buffer) = (new StringBuilder(), new byte[8192]);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), limit.Token);
            await socket.SendAsync(bytes, limit.Token);
            while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and var count)
            {
                said.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (SocketException)
        {
            // Reset is closed.
        }
        catch (OperationCanceledException)
        {
            return $"{said}{WireOutcome.StillOpen}";
        }

        return said.ToString();
    }
}
