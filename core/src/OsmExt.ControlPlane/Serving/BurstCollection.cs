using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OsmExt.Xds.Server;

namespace OsmExt.ControlPlane.Serving;

/// <summary>
/// Gives memory back once many proxies have come. Letting them in and making their first configuration leaves garbage behind, in the collector's oldest generation and in what the C library keeps for
/// TLS; and a control plane in which hardly anything happens afterwards would keep it for hours, since only allocation makes the collector act.
/// </summary>
/// <remarks>Everything is held up while it lasts, some tenths of a second with thousands of proxies. <see cref="Burst"/> makes that rare and bounded.</remarks>
internal sealed partial class BurstCollection(StreamRegistry streams, TimeProvider time, ILogger<BurstCollection> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var burst = new Burst(time);
        using var timer = new PeriodicTimer(Burst.Quiet, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                if (burst.IsOver(streams.Opened))
                {
                    Collect();
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host takes it for a failure otherwise.
        }
    }

    private void Collect()
    {
        var start = time.GetTimestamp();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        TrimNative();
        Log.Collected(logger, time.GetElapsedTime(start).TotalMilliseconds, GC.GetTotalMemory(forceFullCollection: false) >> 20);
    }

    private static void TrimNative()
    {
        try
        {
            _ = Trim(0);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // The GNU C library has it, and needs it.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Trim(nuint keep);

    private static partial class Log
    {
        [LoggerMessage(5400, LogLevel.Information, "Many proxies have come. Memory was collected, which held everything up for {Milliseconds:f0} ms; {Megabytes} MB are in use")]
        public static partial void Collected(ILogger logger, double milliseconds, long megabytes);
    }
}
