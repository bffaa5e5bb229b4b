using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OsmExt.DataPlane.Observation;
using OsmExt.DataPlane.Observation.Statistics;
using OsmExt.DataPlane.Upstream;

namespace OsmExt.DataPlane;

/// <summary>What traffic needs from outside.</summary>
internal sealed record TrafficOptions
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILoggerFactory Logs { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Who is told of what has ended; nobody when null.</summary>
    public IStreamSink? Sink { get; init; }

    /// <summary>Where connections are counted; nowhere when null.</summary>
    public ConnectionStatistics? Connections { get; init; }

    /// <summary>How endpoints are reached.</summary>
    public IDialer Dialer { get; init; } = new SocketDialer();

    /// <summary>How host names are looked up.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>Draws among weights, endpoints and fractions.</summary>
    public Chance Chance { get; init; } = new();

    /// <summary>Whether listeners are bound to sockets. Without it connections come in by <see cref="TrafficEngine.AcceptAsync"/> alone.</summary>
    public bool Binds { get; init; } = true;

    /// <summary>How many connections may be open; what comes beyond is closed at once. As many as come when null.</summary>
    public long? MaxConnections { get; init; }

    /// <summary>How long connections of a listener or filter chain that is gone may go on.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Whether connections of a filter chain that is gone end at once where nothing is under way on them. Without it they carry one more request, as
    /// Envoy's do, so that none is lost that has been sent already.
    /// </summary>
    public bool EndsIdle { get; init; }

    /// <summary>Where listeners are bound when their address is a wildcard; the wildcard itself when null.</summary>
    public IPAddress? BindAddress { get; init; }
}
