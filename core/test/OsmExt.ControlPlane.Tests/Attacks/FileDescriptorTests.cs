using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.Envoy;

namespace OsmExt.ControlPlane.Tests.Attacks;

/// <summary>A control plane whose process may open few files, and a crowd that wants them all.</summary>
public sealed class FileDescriptorTests : IDisposable
{
    private const int Files = 400;
    private const int Crowd = 900;

    private readonly MeshDirectory _mesh = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly List<Socket> _crowd = [];

    private string Root => Path.GetDirectoryName(_mesh.Manifests)!;

    public void Dispose()
    {
        _crowd.ForEach(static socket => socket.Dispose());
        _http.Dispose();
        _mesh.Dispose();
    }

    [LinuxFact]
    public async Task While_none_are_left_those_there_are_served_and_newcomers_are_when_the_crowd_is_gone()
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"ulimit -n {Files} && exec dotnet exec \"$0\" {ServingProgram.Word} \"$1\"", typeof(FileDescriptorTests).Assembly.Location, Root])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            var said = (await process.StandardOutput.ReadLineAsync().WaitAsync(Wait.Bound))!.Split(' ');
            var (xds, http, server) = (new Uri(said[0]), new Uri(said[1]), said[2]);
            await using var store = new TestProxy(ServingProgram.Client(Root, xds, server, Shop.Store1), "delta");
            await using var buyer = new TestProxy(ServingProgram.Client(Root, xds, server, Shop.Buyer), "sotw");
            await buyer.UntilAsync(() => buyer.IsComplete);
            await store.UntilAsync(() => store.IsComplete);

            for (var wave = 0; wave < 3; wave++)
            {
                await CrowdAsync(xds, Crowd / 3);
            }

            // Other ports are open still.
            await Wait.UntilAsync(async () => await RefusedAsync(http) > Crowd / 3, () => "Nobody is refused");
            await Wait.UntilAsync(async () => await IsRefusedAsync(xds, server), () => "Newcomers are let in");
            Assert.InRange(OpenBy(process), Files - 100, Files - 1);

            // Those who are there get a change, for which files are read.
            buyer.ForgetLog();
            _mesh.Write("endpoints-store.yaml", Shop.StoreEndpoints(second: false));
            await buyer.UntilAsync(() => buyer.Log.Any(line => line.StartsWith("EDS", StringComparison.Ordinal)));
            Assert.False(process.HasExited);

            _crowd.ForEach(static socket => socket.Dispose());
            await Wait.UntilAsync(async () => await NewcomerAsync(xds, server) == Grpc.Core.StatusCode.OK, () => "Nobody is let in afterwards");
            Assert.True(store.IsComplete && !process.HasExited);
        }
        finally
        {
            process.StandardInput.Close();
            if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    // All at once, so that none of them is noticed before the others are there.
    private async Task CrowdAsync(Uri xds, int count)
    {
        var come = Enumerable.Range(0, count).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToArray();
        _crowd.AddRange(come);
        foreach (var connecting in come.Select(socket => socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, xds.Port))).ToArray())
        {
            // Some are sent away before they know that they are there.
            await connecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // What somebody gives back is taken by the crowd first.
    private async Task<bool> IsRefusedAsync(Uri xds, string server)
    {
        await CrowdAsync(xds, 20);
        return await NewcomerAsync(xds, server) != Grpc.Core.StatusCode.OK;
    }

    private static int OpenBy(Process process) => Directory.EnumerateFileSystemEntries($"/proc/{process.Id}/fd").Count();

    private async Task<double> RefusedAsync(Uri http)
    {
        string[] metrics;
        try
        {
            metrics = (await _http.GetStringAsync(new Uri(http, "/metrics"))).Split('\n');
        }
        catch (Exception refused) when (refused is HttpRequestException or SocketException)
        {
            // For a moment, while the crowd comes.
            return 0;
        }

        var line = metrics.FirstOrDefault(line => line.StartsWith("osm_xds_refused_connections_total{reason=\"files\"}", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }

    private async Task<Grpc.Core.StatusCode> NewcomerAsync(Uri xds, string server)
    {
        await using var client = ServingProgram.Client(Root, xds, server, Shop.Store2);
        await using var stream = client.OpenDelta();
        try
        {
            await stream.SubscribeAsync(TypeUrls.Cluster, "*");
            await stream.NextAsync().WaitAsync(Wait.Bound);
            return Grpc.Core.StatusCode.OK;
        }
        catch (Grpc.Core.RpcException refused)
        {
            return refused.StatusCode;
        }
    }
}

/// <summary>A test of what the system allows a process; it is skipped where that is not Linux.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : "Files are counted as Linux does.";
}
