using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Microsoft.Extensions.Logging;
using OsmExt.DataPlane.Admin;
using OsmExt.DataPlane.Bootstraps;
using OsmExt.DataPlane.Checks;
using OsmExt.DataPlane.Discovery;
using OsmExt.DataPlane.Listeners;
using OsmExt.DataPlane.Observation;
using OsmExt.DataPlane.Observation.Logs;
using OsmExt.DataPlane.Observation.Statistics;
using OsmExt.Envoy;
using Prometheus;

namespace OsmExt.DataPlane;

/// <summary>A sidecar in this process, from its bootstrap to its last connection: what <c>envoy -c</c> is as a process.</summary>
/// <example>
/// <code>
/// await using var sidecar = await EmbeddedProxy.StartAsync(new() { Bootstrap = text }, stop);
/// await sidecar.Live.WaitAsync(stop);
/// </code>
/// </example>
internal sealed class EmbeddedProxy : IAsyncDisposable
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _time;
    private readonly InventoryKeeper _keeper;
    private readonly TrafficEngine _traffic;
    private readonly LogPlaces _logs;
    private readonly Task _discovery;
    private AdminEndpoint? _admin;

    private EmbeddedProxy(SidecarBootstrap bootstrap, EmbeddedProxyOptions options)
    {
        _time = options.Time;
        var registry = Metrics.NewCustomRegistry();
        registry.SetStaticLabels(bootstrap.Tags.ToDictionary(tag => StatNames.Label(tag.Key), tag => tag.Value, StringComparer.Ordinal));
        var metrics = Metrics.WithCustomRegistry(registry);
        var families = new StatFamilies(metrics);
        _logs = new(options.Output, options.Error);
        var names = new ClusterNames();
        var loggers = new AccessLoggers(new(options.Environment, options.Hostname, names, options.Time), _logs, new(metrics), options.Traffic.Chance.NextDouble);
        var (streams, connections) = (new StreamStatistics(families, names), new ConnectionStatistics(families));
        _traffic = new(options.Traffic with
        {
            Time = options.Time, Logs = options.Logs, MaxConnections = bootstrap.MaxConnections, Sink = new Observer(loggers, streams), Connections = connections,
        });

        var logger = options.Logs.CreateLogger<EmbeddedProxy>();
        var node = NodeIdentity.Of(bootstrap.Node);
        _keeper = new(_traffic, new(new ResourceCheck(bootstrap.MaxRegexProgram, loggers)), node.Id, options.Time, logger);
        _keeper.Applied += inventory =>
        {
            names.Replace(inventory.InForce(TypeUrls.Cluster).Values.Select(held => (Cluster)held.Resource.Message));
            streams.Sweep();
            connections.Sweep(names, inventory.InForce(TypeUrls.Listener).Values.Select(held => (Listener)held.Resource.Message));
        };
        Pages = new(new(bootstrap, node, _keeper, _traffic, _logs, options.Time), families, new(families, names), registry);
        _discovery = new DiscoveryClient(bootstrap.ControlPlane, node, _keeper, options.Time, options.Traffic.Chance, logger).RunAsync(_stop.Token);
    }

    /// <summary>Completes when everything the control plane had for it at first is in force.</summary>
    public Task Live => _keeper.Live;

    /// <summary>Where the admin endpoint is; null when there is none.</summary>
    public Uri? Admin => _admin?.Address;

    /// <summary>The admin endpoint's pages, with or without a port.</summary>
    public AdminPages Pages { get; }

    /// <summary>What it was told, and what of it is in force.</summary>
    public InventoryKeeper Keeper => _keeper;

    /// <summary>What carries it out.</summary>
    public TrafficEngine Traffic => _traffic;

    /// <summary>Starts a sidecar. It does not wait for the control plane: see <see cref="Live"/>.</summary>
    /// <exception cref="BootstrapException">The bootstrap cannot be used.</exception>
    /// <exception cref="IOException">The admin endpoint's address cannot be bound.</exception>
    public static async Task<EmbeddedProxy> StartAsync(EmbeddedProxyOptions options, CancellationToken stop = default)
    {
        var (bootstrap, problems) = BootstrapReader.Read(options.Bootstrap);
        if (bootstrap is null)
        {
            throw new BootstrapException(problems);
        }

        var proxy = new EmbeddedProxy(bootstrap, options);
        try
        {
            if (options.HasAdmin && (options.Admin ?? bootstrap.Admin) is { } address)
            {
                proxy._admin = await AdminEndpoint.StartAsync(address, proxy.Pages, stop).ConfigureAwait(false);
            }

            return proxy;
        }
        catch
        {
            await proxy.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Serves a connection that came in by no socket of a listener's.</summary>
    public Task AcceptAsync(Arrival arrival) => _traffic.AcceptAsync(arrival);

    /// <summary>Closes listeners, so that nothing new comes; what is under way goes on.</summary>
    public Task DrainAsync(CancellationToken stop) => _keeper.DrainAsync(inboundOnly: false, stop);

    /// <summary>Waits until no connection is open, but no longer than it is told.</summary>
    public async Task UntilIdleAsync(TimeSpan most)
    {
        var start = _time.GetTimestamp();
        while (_traffic.Connections > 0 && _time.GetElapsedTime(start) < most)
        {
            await Task.Delay(Glance, _time, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Ends it: discovery first, then traffic, then what tells of them.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _discovery.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _traffic.DisposeAsync().ConfigureAwait(false);
        await _logs.DisposeAsync().ConfigureAwait(false);
        if (_admin is not null)
        {
            await _admin.DisposeAsync().ConfigureAwait(false);
        }

        _keeper.Dispose();
        _stop.Dispose();
    }
}
