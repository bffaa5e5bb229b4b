using System.Collections.Immutable;
using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Service.Discovery.V3;
using Microsoft.Extensions.Logging;
using OsmExt.DataPlane.Admin;
using OsmExt.Envoy;
using OsmExt.Simulation;

namespace OsmExt.DataPlane.Discovery;

/// <summary>
/// Keeps what the control plane has said over all streams, and hands the traffic a new configuration, whole, whenever one is ready. Written
/// by the stream's loop alone; anybody may read <see cref="Current"/>.
/// </summary>
internal sealed partial class InventoryKeeper(ITraffic traffic, ResourceReader reader, string name, TimeProvider time, ILogger logger) : IDisposable
{
    private enum Drained
    {
        None,
        Inbound,
        All,
    }

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ConfigurationBuilder _builder = new(name);
    private readonly TaskCompletionSource _live = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableDictionary<string, string> _unbound = ImmutableDictionary<string, string>.Empty;
    private volatile Inventory _current = Inventory.Empty;
    private volatile Drained _drained;
    private Inventory _applied = Inventory.Empty;
    private volatile ProxyConfiguration? _configuration;

    /// <summary>Called with all there is, each time something comes into force.</summary>
    public event Action<Inventory>? Applied;

    /// <summary>What there is now.</summary>
    public Inventory Current => _current;

    /// <summary>What is in force; null before anything is.</summary>
    public ProxyConfiguration? Configuration => _configuration;

    /// <summary>Completes when everything that was there at first is in force.</summary>
    public Task Live => _live.Task;

    /// <summary>Listeners that could not be bound, and why.</summary>
    public ImmutableDictionary<string, string> Unbound => _unbound;

    /// <summary>How many responses were taken, and how many were refused at least in part, by type.</summary>
    public DiscoveryCounts Counts { get; } = new();

    /// <summary>Whether listeners were closed because somebody asked for it.</summary>
    public bool IsDraining => _drained != Drained.None;

    /// <summary>Whether virtual hosts come by themselves.</summary>
    public bool HasSeparateHosts => _current.Of(TypeUrls.Route).Values.Any(held => held.Resource.Message is RouteConfiguration { Vhds: not null });

    /// <summary>Takes a response in, and puts in force what is ready.</summary>
    /// <returns>Why it is refused, at least in part; empty when all of it was taken.</returns>
    public async Task<string> TakeAsync(DeltaDiscoveryResponse response, CancellationToken stop)
    {
        await _turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            return await TakeInTurnAsync(response, stop).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Closes listeners for good: all, or those that others reach the pod by. What they let in ends in its own time.</summary>
    public async Task DrainAsync(bool inboundOnly, CancellationToken stop)
    {
        await _turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            _drained = inboundOnly && _drained != Drained.All ? Drained.Inbound : Drained.All;
            _builder.Serves = listener => _drained switch
            {
                Drained.All => false,
                Drained.Inbound => listener.TrafficDirection != TrafficDirection.Inbound,
                _ => true,
            };
            _applied = Inventory.Empty;
            await PutInForceAsync(TypeUrls.Listener, [], stop).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<string> TakeInTurnAsync(DeltaDiscoveryResponse response, CancellationToken stop)
    {
        var now = time.GetUtcNow();
        var verdicts = reader.Read(response);
        var taken = verdicts.Select(verdict => verdict.Accepted).OfType<XdsResource>().ToArray();
        var refused = verdicts.Where(verdict => verdict.Accepted is null).Select(verdict => (verdict.Name, verdict.Version, Reason: string.Join("; ", verdict.Reasons))).ToList();
        _current = _current.With(response.TypeUrl, taken, response.RemovedResources, now).Without(response.TypeUrl, refused, now).Warmed();
        if (await PutInForceAsync(response.TypeUrl, taken, stop).ConfigureAwait(false) is { } unbound)
        {
            refused.Add(unbound);
            _current = _current.Without(response.TypeUrl, [unbound], now);
        }

        Counts.Took(response.TypeUrl, response.SystemVersionInfo, refused.Count > 0);
        var type = TypeUrls.ShortName(response.TypeUrl);
        foreach (var secret in taken.Where(resource => resource.Message is Secret))
        {
            foreach (var problem in CertificateReport.Invalid((Secret)secret.Message, now))
            {
                Log.CertificateInvalid(logger, secret.Name, problem);
            }
        }

        refused.ForEach(item => Log.Refused(logger, type, item.Name, item.Reason));
        return string.Join(" | ", refused.Select(item => $"{type} \"{item.Name}\" ({response.TypeUrl}): {item.Reason}"));
    }

    /// <summary>Forgets what nobody refers to any more.</summary>
    public void Sweep(string typeUrl, ImmutableSortedSet<string> wanted) => _current = _current.Swept(typeUrl, wanted);

    /// <summary>Forgets virtual hosts whose route configuration is gone, as the control plane takes for granted.</summary>
    public void SweepHosts()
    {
        var hosts = _current.Of(TypeUrls.VirtualHost);
        if (!hosts.IsEmpty)
        {
            var routes = _current.Of(TypeUrls.Route);
            Sweep(TypeUrls.VirtualHost, [.. hosts.Keys.Where(host => routes.ContainsKey(SeparateHosts.RoutesOf(host)))]);
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<(string Name, string Version, string Reason)?> PutInForceAsync(string typeUrl, XdsResource[] taken, CancellationToken stop)
    {
        // A sidecar opens its doors when it has everything, not one by one.
        if (_configuration is null ? !_current.IsComplete : _current.CarriesOutSameAs(_applied))
        {
            return null;
        }

        _applied = _current = _current with { IsLive = true };
        var configuration = _builder.Build(_current);
        ListenerException? failure = null;
        try
        {
            await traffic.ApplyAsync(configuration, stop).ConfigureAwait(false);
            _unbound = ImmutableDictionary<string, string>.Empty;
        }
        catch (ListenerException exception)
        {
            failure = exception;
            _unbound = ImmutableDictionary<string, string>.Empty.Add(exception.Listener, exception.Message);
        }

        _configuration = configuration;
        Applied?.Invoke(_applied);
        _live.TrySetResult();

        // A listener that waited for its routes comes into force with another response, which is not to blame.
        if (failure is null)
        {
            return null;
        }

        Log.NotBound(logger, failure.Listener, failure.Message);
        return typeUrl == TypeUrls.Listener && taken.FirstOrDefault(resource => resource.Name == failure.Listener) is { } listener
            ? (listener.Name, listener.Version, failure.Message) : null;
    }

    private static partial class Log
    {
        [LoggerMessage(6110, LogLevel.Warning, "Refused {Type} {Name}: {Reason}")]
        public static partial void Refused(ILogger logger, string type, string name, string reason);

        [LoggerMessage(6112, LogLevel.Warning, "Secret {Secret}: {Problem}; handshakes with it will fail")]
        public static partial void CertificateInvalid(ILogger logger, string secret, string problem);

        [LoggerMessage(6111, LogLevel.Error, "Listener {Listener} cannot be opened: {Reason}")]
        public static partial void NotBound(ILogger logger, string listener, string reason);
    }
}
