using OsmExt.Demo.Mesh;

namespace OsmExt.Demo.Measure;

/// <summary>Times many changes and watches the control plane meanwhile, and while nothing changes.</summary>
internal sealed class Measurement(RunningMesh mesh, int changes, int idleSeconds)
{
    private const string Sent = "osm_xds_response_bytes_total";
    private const int WarmUps = 10;

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        Console.WriteLine($"{mesh.Proxies.Count} {mesh.Status.Proxies} are configured; watching {idleSeconds} s without a change");
        var idle = await WatchAsync(() => Task.Delay(TimeSpan.FromSeconds(idleSeconds), TimeProvider.System, cancellation), cancellation);

        Console.WriteLine($"Changing the split {changes} times, after {WarmUps} times to warm up");
        var (fromFile, fromNotice) = (new List<double>(), new List<double>());
        await ChangeAsync(WarmUps, [], [], cancellation);
        var busy = await WatchAsync(() => ChangeAsync(changes, fromFile, fromNotice, cancellation), cancellation);

        Console.WriteLine($"file change -> all sidecars concerned ACKed: {Percentiles.Of(fromFile)}");
        Console.WriteLine($"of that, from the control plane noticing it: {Percentiles.Of(fromNotice)}");
        Console.WriteLine($"control plane, no changes:   {idle}");
        Console.WriteLine($"control plane, while changing: {busy}");
        return DemoRun.Ok;
    }

    private async Task ChangeAsync(int times, List<double> fromFile, List<double> fromNotice, CancellationToken cancellation)
    {
        for (var i = 0; i < times; i++)
        {
            var begin = mesh.Files.Put(DemoOptions.Split, i % 2 == 0 ? "split-50-50.yaml" : "split-0-100.yaml");
            var change = await mesh.ControlPlane.WaitAsync(begin, cancellation);
            fromFile.Add((change.At - begin).TotalMilliseconds);
            fromNotice.Add(change.Milliseconds);
        }
    }

    private async Task<Usage> WatchAsync(Func<Task> meanwhile, CancellationToken cancellation)
    {
        var (sent, usage, start) = (await mesh.ControlPlane.MetricAsync(Sent, cancellation), ProcessUsage.Of(mesh.Status.ControlPlane), TimeProvider.System.GetTimestamp());
        await meanwhile();
        var now = ProcessUsage.Of(mesh.Status.ControlPlane);
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        return new(seconds, 100 * (now.Cpu - usage.Cpu).TotalSeconds / seconds, now.Resident, await mesh.ControlPlane.MetricAsync(Sent, cancellation) - sent);
    }

    private sealed record Usage(double Seconds, double CpuPercent, long Resident, double Sent)
    {
        public override string ToString() => $"{CpuPercent:f1} % of one core, {Resident / 1_000_000.0:f0} MB resident, {Sent:f0} bytes of xDS sent in {Seconds:f0} s";
    }
}
