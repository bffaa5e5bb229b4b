using System.Text.Json;

namespace OsmExt.Benchmarks.DataPlane;

/// <summary>
/// What sidecars cost: the same requests with mutual TLS past them, through two Envoys, and through two of the embedded data plane, by turns.
/// Load and application are processes of their own, outside of what is measured. Needs root, for the pods' networks.
/// </summary>
internal static class DataPlaneBenchmark
{
    public const string Direct = "direct";
    private static readonly string[] Ways = [Direct, BenchMesh.Envoy, BenchMesh.Embedded];

    // Of what the slowest way carries at most, so that none is near its end.
    private const double ShareOfMost = 0.4;

    // Until all connections are open; handshakes are not what is measured.
    private static readonly TimeSpan Opening = TimeSpan.FromMilliseconds(500);
    private static readonly string Osm = Path.Join(AppContext.BaseDirectory.Replace("OsmExt.Benchmarks", "OsmExt.Cli", StringComparison.Ordinal), "osm");

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static async Task<int> RunAsync(DataPlaneOptions options)
    {
        var (traffic, memory) = (new List<Sample>(), new List<Memory>());
        foreach (var services in options.Services)
        {
            await using var mesh = await BenchMesh.StartAsync(Osm, options.Envoy, services);
            if (services == options.Services[0])
            {
                foreach (var protocol in Enum.GetValues<Protocol>())
                {
                    traffic.AddRange(await MeasureAsync(mesh, protocol, options));
                }
            }
            else
            {
                await WarmUpAsync(mesh, Protocol.Http1, options);
            }

            foreach (var plane in Ways.Except([Direct]))
            {
                var (client, server) = mesh.Sidecars(plane);
                memory.Add(new(services, plane, ProcessCost.Megabytes(client), ProcessCost.Megabytes(server)));
            }
        }

        DataPlaneReport.Print(traffic, memory);
        if (options.Json is { } file)
        {
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { traffic, memory }, Json));
        }

        return 0;
    }

    private static async Task<List<Sample>> MeasureAsync(BenchMesh mesh, Protocol protocol, DataPlaneOptions options)
    {
        // The rate is the same for all, whichever comes first.
        var most = await WarmUpAsync(mesh, protocol, options);
        var samples = new List<Sample>();
        for (var round = 0; round < options.Rounds; round++)
        {
            // Who comes after whom differs, too.
            foreach (var way in Ways.Skip(round % Ways.Length).Concat(Ways.Take(round % Ways.Length)))
            {
                await using var client = await OpenAsync(mesh, protocol, way, options);
                await Load.SaturateAsync(client, options.AtOnce, Opening);
                var before = Cpu(mesh, way);
                var saturated = await Load.SaturateAsync(client, options.AtOnce, options.Duration);
                var between = Cpu(mesh, way);
                var paced = await Load.AtRateAsync(client, most * ShareOfMost, options.Duration);
                var after = Cpu(mesh, way);
                samples.Add(new(protocol, way, round, saturated, paced)
                {
                    ClientCpu = (between.Client - before.Client) / saturated.Answers * 1000,
                    ServerCpu = (between.Server - before.Server) / saturated.Answers * 1000,
                    PacedCpu = (after.Client - between.Client + after.Server - between.Server) / paced.Answers * 1000,
                });
            }
        }

        return samples;
    }

    // What runs often is compiled anew in the background; twice as long as a round is enough for that.
    private static async Task<double> WarmUpAsync(BenchMesh mesh, Protocol protocol, DataPlaneOptions options)
    {
        var least = double.PositiveInfinity;
        foreach (var way in Ways)
        {
            await using var client = await OpenAsync(mesh, protocol, way, options);
            await Load.SaturateAsync(client, options.AtOnce, options.Duration);
            least = Math.Min(least, (await Load.SaturateAsync(client, options.AtOnce, options.Duration)).PerSecond);
        }

        return least;
    }

    private static Task<IEchoClient> OpenAsync(BenchMesh mesh, Protocol protocol, string way, DataPlaneOptions options)
        => IEchoClient.OpenAsync(protocol, way == Direct ? mesh.WayPast(BenchMesh.Envoy) : mesh.WayThrough(way), options.AtOnce);

    private static (double Client, double Server) Cpu(BenchMesh mesh, string way)
    {
        if (way == Direct)
        {
            return default;
        }

        var (client, server) = mesh.Sidecars(way);
        return (ProcessCost.CpuSeconds(client), ProcessCost.CpuSeconds(server));
    }
}

/// <summary>One way's figures of one round. Processor time is seconds for a thousand requests.</summary>
internal sealed record Sample(Protocol Protocol, string Way, int Round, LoadResult Saturated, LoadResult Paced)
{
    /// <summary>Of the client's sidecar, in the saturated mesh.</summary>
    public double ClientCpu { get; init; }

    /// <summary>Of the server's.</summary>
    public double ServerCpu { get; init; }

    /// <summary>Of both, at the fixed rate.</summary>
    public double PacedCpu { get; init; }
}

/// <summary>Resident memory of a client's and a server's sidecar in a mesh of so many services, after traffic, in megabytes.</summary>
internal sealed record Memory(int Services, string Plane, double Client, double Server);
