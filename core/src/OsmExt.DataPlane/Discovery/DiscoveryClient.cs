using Envoy.Config.Core.V3;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using OsmExt.DataPlane.Bootstraps;

namespace OsmExt.DataPlane.Discovery;

/// <summary>
/// Stays connected to the control plane. While it is away, what came last stays in force, and it is dialled again, ever more slowly.
/// </summary>
internal sealed partial class DiscoveryClient(ControlPlaneAddress address, Node node, InventoryKeeper keeper, TimeProvider time, Chance chance, ILogger logger)
{
    /// <summary>Runs until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var backoff = new Backoff(address.Reconnect.Base, address.Reconnect.Most, chance);
        while (!stop.IsCancellationRequested)
        {
            var reason = await ConnectAsync(backoff, stop).ConfigureAwait(false);
            keeper.Counts.IsConnected = false;
            if (stop.IsCancellationRequested)
            {
                return;
            }

            var pause = backoff.Next();
            Log.Away(logger, address.Host, address.Port, reason, pause);
            await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<string> ConnectAsync(Backoff backoff, CancellationToken stop)
    {
        try
        {
            using var connection = ControlPlaneConnection.Open(address, time);
            using var call = connection.Stream(stop);
            await new DiscoverySession(call, node, keeper).RunAsync(Answered, stop).ConfigureAwait(false);
            return "it has ended the stream";
        }
        catch (RpcException failure)
        {
            return failure.Status.DebugException is { } cause ? $"{failure.Status.StatusCode}: {cause.GetBaseException().Message}" : $"{failure.Status.StatusCode}: {failure.Status.Detail}";
        }
        catch (Exception failure) when (failure is SecretException or IOException or HttpRequestException or OperationCanceledException or InvalidOperationException)
        {
            return failure.Message;
        }

        void Answered()
        {
            backoff.Reset();
            if (!keeper.Counts.IsConnected)
            {
                keeper.Counts.IsConnected = true;
                Log.Connected(logger, address.Host, address.Port);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6100, LogLevel.Information, "Connected to the control plane at {Host}:{Port}")]
        public static partial void Connected(ILogger logger, string host, int port);

        [LoggerMessage(6101, LogLevel.Warning, "No stream from the control plane at {Host}:{Port} ({Reason}); what it said last stays in force, and it is tried again in {Pause}")]
        public static partial void Away(ILogger logger, string host, int port, string reason, TimeSpan pause);
    }
}
