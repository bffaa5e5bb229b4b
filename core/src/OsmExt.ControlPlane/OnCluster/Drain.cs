using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OsmExt.ControlPlane.Http;
using OsmExt.Xds.Server;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>
/// Takes a replica out of service before it stops: it says that it is not ready, waits until nobody is sent to it any more, and has its proxies connect elsewhere, one after the other. They lose
/// nothing: versions are the same on every replica.
/// </summary>
internal sealed partial class Drain(Readiness readiness, StreamRegistry streams, ClusterOptions options, TimeProvider time, ILogger<Drain> logger)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        readiness.IsDraining = true;
        Log.Begins(logger, streams.Proxies.Count, options.DrainDelay);
        await Task.Delay(options.DrainDelay, time, cancellationToken).ConfigureAwait(false);
        var clients = streams.Clients;
        var pause = options.DrainSpread / Math.Max(1, clients.Count);
        foreach (var client in clients)
        {
            streams.Reconnect(client);
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5330, LogLevel.Information, "About to stop: {Proxies} proxies are asked to connect to another replica in {Delay}")]
        public static partial void Begins(ILogger logger, int proxies, TimeSpan delay);
    }
}

/// <summary>Leaves signals to whoever started the host, since draining comes before stopping.</summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
