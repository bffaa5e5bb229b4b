using System.Net;
using System.Security.Authentication;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using Envoy.Extensions.TransportSockets.RawBuffer.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using OsmExt.DataPlane.Http;
using OsmExt.DataPlane.Limits;
using OsmExt.DataPlane.Observation;
using OsmExt.DataPlane.Observation.Statistics;
using OsmExt.DataPlane.Streams;
using OsmExt.DataPlane.Tcp;
using OsmExt.DataPlane.Tls;
using OsmExt.Simulation;
using OsmExt.Simulation.Listeners;
using OsmExt.Simulation.Rbac;
using NetworkRateLimit = Envoy.Extensions.Filters.Network.LocalRatelimit.V3.LocalRateLimit;
using NetworkRbac = Envoy.Extensions.Filters.Network.Rbac.V3.RBAC;

namespace OsmExt.DataPlane.Listeners;

/// <summary>Takes every connection from being accepted to its end, by what the simulator decides at each stage.</summary>
internal sealed class Reception(
    Func<ProxyConfiguration> proxy, TrafficOptions options, Residents residents, TcpForwarding tcp, HttpServers http, RateLimits limits, Oddities oddities)
{
    // Envoy's, where listener and chain say nothing.
    private static readonly TimeSpan InspectionTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(15);

    /// <param name="arrival">The connection; it is closed when this returns.</param>
    /// <param name="bound">The listener whose socket it came in by; null where it came by none.</param>
    /// <param name="stop">Ends it.</param>
    public async Task ServeAsync(Arrival arrival, Func<ProxyConfiguration, Listener?>? bound, CancellationToken stop)
    {
        var stream = arrival.Stream;
        try
        {
            await AdmitAsync(arrival, bound, stop);
        }
        catch (UndecidedException unknown)
        {
            oddities.Say(unknown);
            Ends.Reset(stream);
        }
        catch (Exception failure) when (Ends.IsEnd(failure))
        {
            // The client went away, or had its time.
            Ends.Reset(stream);
        }
        finally
        {
            await stream.DisposeAsync();
        }
    }

    private async Task AdmitAsync(Arrival arrival, Func<ProxyConfiguration, Listener?>? bound, CancellationToken stop)
    {
        var now = proxy();
        var reached = arrival.RedirectedTo == 0 ? arrival.Destination : new IPEndPoint(arrival.Destination.Address, arrival.RedirectedTo);
        var entry = bound is null ? ListenerChoice.Bound(now, reached) : bound(now);
        if (entry is null)
        {
            return;
        }

        Understood.Check(entry, entry.Name);
        var listener = Understood.Check(ListenerChoice.HandOff(now, entry, arrival.Destination), entry.Name);
        var seen = await InspectAsync(arrival.Stream, entry, listener, stop);
        if (seen is null)
        {
            return;
        }

        var hello = seen.Hello is { } said ? new ClientHello(said.ServerName, said.Alpn, null) : null;
        var facts = new ConnectionFacts(new(arrival.Source, arrival.Destination, seen.Payload, hello), reached).Inspect(entry);
        if (!ReferenceEquals(listener, entry))
        {
            facts = facts.Inspect(listener);
        }

        var record = new StreamRecord
        {
            Began = options.Time.GetUtcNow(),
            Direction = listener.TrafficDirection,
            Listener = listener.Name,
            DownstreamRemote = arrival.Source.ToString(),
            DownstreamLocal = facts.Local.ToString(),
            RequestedServerName = facts.ServerName,
            AccessLogs = listener.AccessLog,
        };
        if (FilterChainChoice.Choose(listener, facts) is not { } chain)
        {
            record.ResponseFlags.Add("NR");
            record.ResponseCodeDetails = "filter_chain_not_found";
            options.Connections?.Of(listener).Unmatched();
            End(record);
            return;
        }

        using var residence = new Residence(listener, chain);
        residents.Enter(residence);
        var (counts, began) = (options.Connections?.Of(listener), options.Time.GetTimestamp());
        counts?.Begins();
        try
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop, residence.Ending);
            var served = new Served(listener, chain, FilterChainChoice.NameOf(listener, chain), facts, null, residence);
            using var http = Count(served, counts);
            await ChainAsync(now, served with { Counts = http }, seen.Stream, record, ending.Token);
        }
        finally
        {
            residents.Leave(residence);
            counts?.Ends(options.Time.GetElapsedTime(began));
        }
    }

    private async Task<FirstBytes?> InspectAsync(Stream stream, Listener entry, Listener listener, CancellationToken stop)
    {
        var time = entry.ListenerFiltersTimeout?.ToTimeSpan() ?? InspectionTime;
        using var limit = new CancellationTokenSource(time > TimeSpan.Zero ? time : Timeout.InfiniteTimeSpan, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        var counts = options.Connections?.Of(entry);
        counts?.Looks();
        try
        {
            return await FirstBytes.ReadAsync(stream, entry, listener, either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested && entry.ContinueOnListenerFiltersTimeout)
        {
            return new(stream, Payload.Bytes, null);
        }
        catch (EndOfStreamException)
        {
            return null;
        }
        finally
        {
            counts?.Looked(limit.IsCancellationRequested && !stop.IsCancellationRequested);
        }
    }

    // As Envoy does: a connection's filters are made with it, so that they have counted it before its handshake and whatever becomes of it.
    private HttpConnectionCounts.Connection? Count(Served served, ListenerCounts? counts)
    {
        if (counts is null || served.Chain.Filters.Count == 0)
        {
            return null;
        }

        switch (Packed.Open(served.Chain.Filters[^1].TypedConfig, served.ChainName))
        {
            case HttpConnectionManager manager:
                return counts.Http(manager.StatPrefix).Begins(served.Chain.TransportSocket?.TypedConfig is { } socket && Packed.Open(socket, served.ChainName) is DownstreamTlsContext, options.Time);
            case TcpProxy tcp:
                counts.Tcp(tcp.StatPrefix);
                return null;
            default:
                return null;
        }
    }

    private async Task ChainAsync(ProxyConfiguration now, Served served, Stream stream, StreamRecord record, CancellationToken stop)
    {
        record.FilterChain = served.ChainName;
        record.FilterChainMetadata = served.Chain.Metadata;
        try
        {
            (served, stream) = await HandshakeAsync(now, served, stream, stop);
        }
        catch (Exception failure) when (failure is AuthenticationException or InvalidOperationException)
        {
            record.ResponseCodeDetails = $"transport_failure: {failure.Message}";
            End(record);
            return;
        }

        record.IsTls = served.IsTls;
        record.DownstreamPeerUris = served.Peer?.Uris ?? [];
        await using (stream)
        {
            await FiltersAsync(now, served, stream, record, stop);
        }
    }

    private async Task<(Served Served, Stream Stream)> HandshakeAsync(ProxyConfiguration now, Served served, Stream stream, CancellationToken stop)
    {
        var element = $"transport socket of {served.ChainName}";
        switch (served.Chain.TransportSocket?.TypedConfig is { } any ? Packed.Open(any, element) : null)
        {
            case null or RawBuffer:
                return (served, stream);
            case DownstreamTlsContext context:
                Understood.Check(context, element);
                var time = served.Chain.TransportSocketConnectTimeout?.ToTimeSpan() is { Ticks: > 0 } own ? own : HandshakeTime;
                using (var limit = new CancellationTokenSource(time, options.Time))
                using (var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop))
                {
                    var (tls, trust) = await ServerTls.AcceptAsync(now, context, stream, served.ChainName, options.Time, options.Connections?.Of(served.Listener).Tls, either.Token);
                    return (served with { Trust = trust }, tls);
                }

            case var other:
                throw Packed.NotKnown(other, element);
        }
    }

    private async Task FiltersAsync(ProxyConfiguration now, Served served, Stream stream, StreamRecord record, CancellationToken stop)
    {
        foreach (var filter in served.Chain.Filters)
        {
            switch (Packed.Open(filter.TypedConfig, $"network filter {filter.Name}"))
            {
                case NetworkRbac rbac:
                    if (!Admits(rbac, now, served, filter.Name, record))
                    {
                        End(record);
                        return;
                    }

                    break;
                case NetworkRateLimit limit:
                    if (!limits.Of(limit).Take())
                    {
                        record.ResponseCodeDetails = "local_rate_limited";
                        End(record);
                        return;
                    }

                    break;
                case HttpConnectionManager manager:
                    await http.ServeAsync(manager, served, stream, stop);
                    return;
                case TcpProxy forward:
                    try
                    {
                        await tcp.RunAsync(forward, filter.Name, served, stream, record, stop);
                    }
                    finally
                    {
                        End(record);
                    }

                    return;
                case var other:
                    throw Packed.NotKnown(other, $"network filter {filter.Name}");
            }
        }
    }

    private static bool Admits(NetworkRbac rbac, ProxyConfiguration now, Served served, string name, StreamRecord record)
    {
        if (Understood.Check(rbac, $"RBAC filter {name}").Rules is not { } rules)
        {
            return true;
        }

        var decision = RbacDecision.Of(rules, new(served.Facts, served.Peer, served.IsTls, null, now.Release), $"RBAC filter {name}");
        record.RbacAllowed = decision.Allowed;
        if (!decision.Allowed)
        {
            record.ResponseCodeDetails = $"rbac_access_denied_matched_policy[{(decision.Policy.Length > 0 ? decision.Policy : "none")}]";
        }

        return decision.Allowed;
    }

    private void End(StreamRecord record)
    {
        record.Duration = options.Time.GetUtcNow() - record.Began;
        options.Sink?.Ended(record);
    }
}
