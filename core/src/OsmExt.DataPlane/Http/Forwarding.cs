using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OsmExt.DataPlane.Upstream;
using OsmExt.Simulation.Http;
using Yarp.ReverseProxy.Forwarder;

namespace OsmExt.DataPlane.Http;

/// <summary>Sends a request on to an endpoint of its cluster, again where the route says so, and the answer back.</summary>
internal sealed class Forwarding(Clusters clusters, IHttpForwarder forwarder, TrafficOptions options)
{
    private const int OtherwiseKept = 1024 * 1024;
    private static readonly TimeSpan OtherwiseTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan OtherwiseIdle = TimeSpan.FromMinutes(5);

    // As long as the forwarder's clock can tell.
    private static readonly TimeSpan NoLimit = TimeSpan.FromDays(20);

    public async Task RunAsync(Exchange exchange)
    {
        var (way, record) = (exchange.Way!, exchange.Record);
        record.UpstreamCluster = way.Cluster;
        if (clusters.Find(way.Cluster) is not { } cluster)
        {
            await LocalReplies.WriteAsync(exchange, new(HttpWalk.StatusWithoutCluster(way.Place.Route!.Route_), "", "cluster_not_found") { Flag = "NC" });
            return;
        }

        record.UpstreamClusterMetadata = cluster.Message.Metadata;
        using var attempts = new Attempts(exchange, cluster, forwarder, options, TimeoutOf(exchange), IdleOf(exchange), KeepOf(exchange));
        Prepare(exchange, attempts.Timeout);
        if (await attempts.RunAsync() is { } reply)
        {
            await LocalReplies.WriteAsync(exchange, reply);
        }
    }

    // What the endpoint is sent in the request's headers, whichever it will be.
    private static void Prepare(Exchange exchange, TimeSpan? timeout)
    {
        var (place, before) = (exchange.Way!.Place, exchange.Request);
        var headers = exchange.Context.Request.Headers;
        exchange.Request = RouteForwarding.Rewrite(before, place);
        if (exchange.Request.Path != before.Path)
        {
            headers["x-envoy-original-path"] = before.Path;
        }

        if (exchange.Request.Authority != before.Authority && place.Route!.Route_.AppendXForwardedHost)
        {
            headers.Append("x-forwarded-host", before.Authority);
        }

        if (timeout is { } limit)
        {
            headers["x-envoy-expected-rq-timeout-ms"] = limit.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
        }

        HeaderChanges.Request(place, headers);
    }

    private static TimeSpan? TimeoutOf(Exchange exchange)
    {
        if (exchange.Context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true)
        {
            return null;
        }

        var limit = exchange.Way!.Place.Route!.Route_.Timeout?.ToTimeSpan() ?? OtherwiseTimeout;
        return limit > TimeSpan.Zero ? limit : null;
    }

    private static TimeSpan IdleOf(Exchange exchange)
    {
        var limit = (exchange.Way!.Place.Route!.Route_.IdleTimeout ?? exchange.Manager.StreamIdleTimeout)?.ToTimeSpan() ?? OtherwiseIdle;
        return limit > TimeSpan.Zero && limit < NoLimit ? limit : NoLimit;
    }

    private static int KeepOf(Exchange exchange)
    {
        var place = exchange.Way!.Place;
#pragma warning disable CS0612 // Deprecated, but a configuration may still have it.
        return RetryRules.Of(place) is null ? 0
            : (int)Math.Min(int.MaxValue, place.Route!.PerRequestBufferLimitBytes ?? place.Host!.PerRequestBufferLimitBytes ?? OtherwiseKept);
#pragma warning restore CS0612
    }
}
