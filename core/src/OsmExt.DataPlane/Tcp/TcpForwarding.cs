using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using OsmExt.DataPlane.Observation;
using OsmExt.DataPlane.Upstream;
using OsmExt.Simulation.Upstream;

namespace OsmExt.DataPlane.Tcp;

/// <summary>Carries out a TCP proxy: a cluster by weight, an endpoint, and bytes both ways.</summary>
internal sealed class TcpForwarding(Clusters clusters, TrafficOptions options)
{
    private static readonly TimeSpan OtherwiseIdle = TimeSpan.FromHours(1);

    public async Task RunAsync(TcpProxy tcp, string name, Listeners.Served served, Stream stream, StreamRecord record, CancellationToken stop)
    {
        record.StatPrefix = tcp.StatPrefix;
        record.AccessLogs = tcp.AccessLog;
        var choices = TcpClusterChoice.Choose(tcp, $"network filter {name}");
        record.UpstreamCluster = choices.Count == 0 ? "" : options.Chance.Pick(choices, static choice => choice.Weight).Cluster;
        if (clusters.Find(record.UpstreamCluster) is not { } cluster)
        {
            record.ResponseFlags.Add("NC");
            return;
        }

        record.UpstreamClusterMetadata = cluster.Message.Metadata;
        Stream? upstream = null;
        for (uint attempt = 0; upstream is null; attempt++)
        {
            if (await cluster.ChooseAsync(null, served.Facts.Local, stop) is not { } host)
            {
                record.ResponseFlags.Add("UH");
                return;
            }

            record.UpstreamHost = host.Name;
            record.UpstreamMetadata = host.Facts.Metadata;
            record.UpstreamAttempts++;
            try
            {
                upstream = await cluster.ConnectAsync(host, stop);
                cluster.Report(host, 200, local: false);
            }
            catch (UpstreamException failure)
            {
                record.UpstreamTransportFailureReason = failure.Message;
                cluster.Report(host, 503, local: true);
                if (failure.Failure == Failure.Overflow || attempt + 1 >= (tcp.MaxConnectAttempts ?? 1))
                {
                    record.ResponseFlags.Add(failure.Failure == Failure.Overflow ? "UO" : "UF");
                    return;
                }
            }
        }

        await using (upstream)
        {
            var relay = new Relay(stream, upstream, tcp.IdleTimeout?.ToTimeSpan() ?? OtherwiseIdle, options.Time);
            await relay.RunAsync(stop);
            (record.BytesReceived, record.BytesSent) = (relay.Received, relay.Sent);
            if (relay.Broken is { } reason)
            {
                record.ResponseCodeDetails = reason;
            }
        }
    }
}
