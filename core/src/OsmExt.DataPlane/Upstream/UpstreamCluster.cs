using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using OsmExt.DataPlane.Observation.Statistics;
using OsmExt.DataPlane.Tls;
using OsmExt.Simulation;
using OsmExt.Simulation.Upstream;

namespace OsmExt.DataPlane.Upstream;

/// <summary>
/// A cluster that is in use: its endpoints and what is known of them, its limits, its connections. It lasts as long as the cluster's
/// configuration stays as it is; endpoints and secrets change beneath it.
/// </summary>
internal sealed class UpstreamCluster : IDisposable
{
    // Where clients choose the addresses, they must not fill the memory.
    private const int MostOnDemand = 4096;
    private const string Gone = "the endpoint is gone";
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);
    private readonly TrafficOptions _options;
    private readonly ILoadBalancer _balancer;
    private readonly ConcurrentDictionary<IPEndPoint, UpstreamHost> _known = [];
    private readonly ConcurrentDictionary<string, KeptConnections> _kept = new(StringComparer.Ordinal);
    private readonly OutlierWatch? _outliers;
    private readonly ImmutableArray<ActiveChecks> _checks;
    private volatile ProxyConfiguration _proxy;
    private volatile HostSet _hosts;

    public UpstreamCluster(Cluster message, ProxyConfiguration proxy, TrafficOptions options)
    {
        (Message, _proxy, _options) = (message, proxy, options);
        _balancer = LoadBalancing.Of(message);
        _hosts = new(message, [], _balancer);
        Breaker = new(message.CircuitBreakers);
        Http = new(this);
        Counts = options.Connections?.Of(message);
        _outliers = message.OutlierDetection is { } rules ? new(rules, () => _hosts.All, options) : null;
        Names = message.Type is Cluster.Types.DiscoveryType.StrictDns or Cluster.Types.DiscoveryType.LogicalDns ? new(message, options) : null;
        Update(proxy);
        _checks = [.. message.HealthChecks.Select(check => new ActiveChecks(check, this, options))];
    }

    public Cluster Message { get; }

    public CircuitBreaker Breaker { get; }

    public HttpUpstream Http { get; }

    /// <summary>Where its connections are counted.</summary>
    public UpstreamCounts? Counts { get; }

    public ImmutableArray<UpstreamHost> Hosts => _hosts.All;

    private NameLookup? Names { get; }

    /// <summary>Takes over endpoints and secrets.</summary>
    public void Update(ProxyConfiguration proxy)
    {
        _proxy = proxy;
        if (Message.Type != Cluster.Types.DiscoveryType.OriginalDst && Names is null)
        {
            Take(EndpointChoice.Given(proxy, Message), (_, at) => [at]);
        }
    }

    /// <summary>An endpoint for a request or connection; null when there is none.</summary>
    public async ValueTask<UpstreamHost?> ChooseAsync(ulong? hash, IPEndPoint original, CancellationToken stop)
    {
        if (Message.Type == Cluster.Types.DiscoveryType.OriginalDst)
        {
            return OnDemand(original);
        }

        if (Names is not null)
        {
            await Names.RefreshAsync(() => Take(Message.LoadAssignment, Names.Addresses), stop);
        }

        return _hosts.Choose(hash, _options.Chance);
    }

    /// <summary>Counts how an attempt went, for outlier detection.</summary>
    public void Report(UpstreamHost host, int status, bool local) => _outliers?.Count(host, status, local);

    /// <summary>Opens a connection to an endpoint, for what is carried on it alone.</summary>
    /// <exception cref="UpstreamException">It could not be opened.</exception>
    public ValueTask<Stream> ConnectAsync(UpstreamHost host, CancellationToken stop) => ConnectAsync(host, null, stop);

    /// <summary>Opens a connection that is kept with others.</summary>
    /// <param name="kept">Their name.</param>
    /// <param name="stop">Ends the attempt.</param>
    /// <exception cref="UpstreamException">It could not be opened.</exception>
    public ValueTask<Stream> ConnectAsync(string kept, CancellationToken stop)
        => _kept.TryGetValue(kept, out var found) ? ConnectAsync(found.Host, found, stop) : throw new UpstreamException(Failure.Connect, Gone);

    private async ValueTask<Stream> ConnectAsync(UpstreamHost host, KeptConnections? kept, CancellationToken stop)
    {
        if (!Breaker.TryConnection())
        {
            throw new UpstreamException(Failure.Overflow, "the limit of connections is reached");
        }

        Stream? stream = null;
        CountedStream connection;
        using var limit = new CancellationTokenSource(Message.ConnectTimeout?.ToTimeSpan() ?? TimeSpan.FromSeconds(5), _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        try
        {
            stream = await _options.Dialer.DialAsync(host.Address, either.Token);
            connection = new(await ClientTls.OpenAsync(_proxy, Message, stream, _options.Time, Counts, either.Token), host, this, kept);
        }
        catch (Exception failure) when (failure is SocketException or IOException or AuthenticationException or OperationCanceledException or UndecidedException)
        {
            stream?.Dispose();
            Breaker.ConnectionCloses();
            host.CouldNotConnect();
            if (failure is OperationCanceledException && !limit.IsCancellationRequested)
            {
                throw;
            }

            if (failure is OperationCanceledException)
            {
                Counts?.TimedOut();
                throw new UpstreamException(Failure.Connect, "connection timeout");
            }

            throw new UpstreamException(Failure.Connect, failure.Message);
        }

        if (kept?.TryKeep(connection) == false)
        {
            await connection.DisposeAsync();
            throw new UpstreamException(Failure.Connect, Gone);
        }

        return connection;
    }

    /// <summary>It is no longer configured: nothing new is sent, and connections close when the last request is through.</summary>
    public void Retire()
    {
        EndWatches();
        foreach (var host in _known.Values)
        {
            host.Retire(_options.Time);
        }
    }

    public void Dispose()
    {
        EndWatches();
        Names?.Dispose();
        Http.Dispose();
    }

    private void EndWatches()
    {
        _outliers?.Dispose();
        foreach (var check in _checks)
        {
            check.Dispose();
        }
    }

    private UpstreamHost OnDemand(IPEndPoint address)
    {
        if (_known.Count > MostOnDemand)
        {
            foreach (var (idle, host) in _known)
            {
                if (host is { ActiveConnections: 0, ActiveRequests: 0 })
                {
                    _known.TryRemove(idle, out _);
                    host.Retire(_options.Time);
                }
            }
        }

        return _known.GetOrAdd(address, static (at, kept) => new(at, kept), _kept);
    }

    private void Take(ClusterLoadAssignment? given, Func<string, IPEndPoint, IEnumerable<IPEndPoint>> resolve)
    {
        var now = ImmutableArray.CreateBuilder<UpstreamHost>();
        foreach (var group in given?.Endpoints ?? [])
        {
            foreach (var endpoint in group.LbEndpoints.Where(endpoint => endpoint.Endpoint?.Address?.SocketAddress is not null))
            {
                var socket = endpoint.Endpoint.Address.SocketAddress;
                IEnumerable<IPEndPoint> addresses = IPAddress.TryParse(socket.Address, out var address)
                    ? [new(address, (int)socket.PortValue)] : resolve(socket.Address, new(IPAddress.None, (int)socket.PortValue)).Where(at => !at.Address.Equals(IPAddress.None));
                foreach (var at in addresses)
                {
                    var host = _known.GetOrAdd(at, static (found, kept) => new(found, kept), _kept);
                    host.Return();
                    host.Facts = new(endpoint.LoadBalancingWeight ?? 1, group.Priority, group.Locality ?? EndpointFacts.None.Locality,
                        endpoint.HealthStatus is HealthStatus.Unhealthy or HealthStatus.Draining or HealthStatus.Timeout,
                        endpoint.Endpoint.Hostname.Length > 0 ? endpoint.Endpoint.Hostname : Names is null ? "" : socket.Address, endpoint.Metadata);
                    now.Add(host);
                }
            }
        }

        var hosts = now.ToImmutable();
        _hosts = new(Message, hosts, _balancer);
        var kept = hosts.ToHashSet();
        foreach (var (address, host) in _known)
        {
            if (kept.Contains(host))
            {
                continue;
            }

            host.Retire(_options.Time);
            // It may come back, and requests that have chosen it may be about to begin: they must meet in one place.
            if (host is { ActiveConnections: 0, ActiveRequests: 0, RetiredAt: { } since } && _options.Time.GetElapsedTime(since) > Remembered)
            {
                _known.TryRemove(address, out _);
            }
        }
    }
}
