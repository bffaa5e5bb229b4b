using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OsmExt.DataPlane.Http;
using OsmExt.DataPlane.Limits;
using OsmExt.DataPlane.Listeners;
using OsmExt.DataPlane.Tcp;
using OsmExt.DataPlane.Upstream;
using OsmExt.Simulation;
using OsmExt.Simulation.Listeners;
using Yarp.ReverseProxy.Forwarder;

namespace OsmExt.DataPlane;

/// <summary>The part of a sidecar that traffic passes. It does nothing until it is given a configuration.</summary>
internal sealed class TrafficEngine : ITraffic
{
    private readonly TrafficOptions _options;
    private readonly ServiceProvider _services;
    private readonly Clusters _clusters;
    private readonly Residents _residents;
    private readonly Bindings _bindings;
    private readonly Authorizer _authorizer;
    private readonly HttpServers _http;
    private readonly Reception _reception;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _applying = new(1);
    private volatile ProxyConfiguration _proxy = new("", [], null);
    private int _stopped;

    public TrafficEngine(TrafficOptions options)
    {
        _options = options;
        _services = new ServiceCollection().AddSingleton(options.Logs).AddSingleton(typeof(ILogger<>), typeof(Logger<>)).AddSingleton(options.Time)
            .AddHttpForwarder().BuildServiceProvider();
        var oddities = new Oddities(options.Logs.CreateLogger<TrafficEngine>());
        var limits = new RateLimits(options.Time);
        _clusters = new(options);
        _residents = new(options);
        _authorizer = new(_clusters, options);
        var requests = new RequestService(
            () => _proxy, options, new(_clusters, _services.GetRequiredService<IHttpForwarder>(), options), _authorizer, limits, oddities);
        _http = new(options, _services, requests.ServeAsync);
        _reception = new(() => _proxy, options, _residents, new TcpForwarding(_clusters, options), _http, limits, oddities);
        _bindings = new(options, Accepted);
    }

    public IReadOnlyList<EndpointStatus> Endpoints => _clusters.Endpoints;

    /// <summary>Where listeners are bound, by name.</summary>
    public IReadOnlyList<(string Listener, IPEndPoint Address)> Bound => _bindings.All;

    /// <summary>How many connections are open.</summary>
    public int Connections => _residents.Count;

    public async Task ApplyAsync(ProxyConfiguration configuration, CancellationToken stop)
    {
        await _applying.WaitAsync(stop);
        try
        {
            // Whoever is routed by the new configuration must find its clusters.
            _clusters.Prepare(configuration);
            _proxy = configuration;
            _clusters.Commit(configuration);
            var problems = await _bindings.ApplyAsync(configuration.Listeners);
            _residents.Review(configuration.Listeners);
            if (problems.Count > 0)
            {
                throw problems[0];
            }
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <summary>Serves a connection that came in by no socket of a listener's. Returns when it has ended.</summary>
    public Task AcceptAsync(Arrival arrival) => _reception.ServeAsync(arrival, null, _stopping.Token);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        await _bindings.DisposeAsync();
        await _stopping.CancelAsync();
        _residents.EndAll();
        await _http.DisposeAsync();
        _authorizer.Dispose();
        _clusters.Dispose();
        await _services.DisposeAsync();
    }

    private void Accepted(Socket socket, IPEndPoint address) => _ = Task.Run(() => ServeAsync(socket, address));

    private async Task ServeAsync(Socket socket, IPEndPoint address)
    {
        using var _ = socket;
        if (_residents.Count >= (_options.MaxConnections ?? long.MaxValue))
        {
            return;
        }

        Arrival arrival;
        try
        {
            socket.NoDelay = true;
            var (source, local) = ((IPEndPoint)socket.RemoteEndPoint!, (IPEndPoint)socket.LocalEndPoint!);
            // Before the destination is asked for: a socket takes an answer it does not like for the end of the connection.
            var stream = new NetworkStream(socket, ownsSocket: true);
            var original = Restores(address) ? OriginalDestination.Of(socket) : null;
            arrival = original is null || original.Equals(local) ? new(stream, source, local, 0) : new(stream, source, original, local.Port);
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            // It was gone before it was looked at.
            return;
        }

        await _reception.ServeAsync(arrival, now => _bindings.At(address, now.Listeners), _stopping.Token);
    }

    private bool Restores(IPEndPoint address) => _bindings.At(address, _proxy.Listeners) is { } found && ListenerChoice.RestoresDestination(found);
}
