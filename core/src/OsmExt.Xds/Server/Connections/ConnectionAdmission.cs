using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OsmExt.Xds.Observability;

namespace OsmExt.Xds.Server.Connections;

/// <summary>
/// Who may connect. Before the handshake it costs a stranger a place among few, and us nothing: handshakes are done so many at a
/// time and a second, addresses taking turns, so that a crowd, whether it attacks or comes back after a restart, leaves time for
/// the streams there are. Afterwards each client has few connections, and few frames that carry nothing.
/// </summary>
internal sealed partial class ConnectionAdmission : IDisposable
{
    private const string SubjectAlternativeName = "2.5.29.17";

    private readonly XdsServerOptions _options;
    private readonly Pressure _pressure;
    private readonly XdsMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Occupancy<IPAddress> _all;
    private readonly Occupancy<IPAddress> _strangers;
    private readonly Occupancy<string> _clients;
    private readonly FairGate<IPAddress> _handshakes;

    public ConnectionAdmission(IOptions<XdsServerOptions> options, Pressure pressure, XdsMetrics metrics, TimeProvider clock, ILogger<ConnectionAdmission> logger)
    {
        (_options, _pressure, _metrics, _clock, _logger) = (options.Value, pressure, metrics, clock, logger);
        _all = new(_options.MaxConnections, _options.MaxConnectionsPerAddress);
        _strangers = new(_options.MaxHandshakes, _options.MaxHandshakesPerAddress);
        _clients = new(int.MaxValue, _options.MaxConnectionsPerClient);
        _handshakes = new(_options.HandshakeSlots, _options.HandshakesPerSecond, clock);
    }

    /// <summary>Where a connection begins.</summary>
    public async Task AdmitAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address.MapToIPv6() ?? IPAddress.IPv6None;
        if (_pressure.Reason is { } reason)
        {
            Refuse(connection, reason);
        }
        else if (!_all.TryEnter(address))
        {
            Refuse(connection, "connections");
        }
        else
        {
            try
            {
                await HandshakeAsync(connection, address, next).ConfigureAwait(false);
            }
            finally
            {
                _all.Leave(address);
            }
        }
    }

    /// <summary>Where it goes on once the client has proven who it is.</summary>
    public async Task ProvedAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        (connection.Items.TryGetValue(typeof(Handshake), out var handshake) ? (Handshake)handshake! : null)?.Dispose();
        var name = NameOf(connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate);
        if (name is not null && !_clients.TryEnter(name))
        {
            Refuse(connection, "connections of one client");
            return;
        }

        try
        {
            connection.Transport = new GuardedPipe(
                connection.Transport, new(_options.ControlFramesPerSecond, _options.ControlFrameBurst, _clock), () => Refuse(connection, "frames"));
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            if (name is not null)
            {
                _clients.Leave(name);
            }
        }
    }

    public void Dispose() => _handshakes.Dispose();

    // Whoever holds several certificates for one name is one client.
    private static string? NameOf(X509Certificate2? certificate)
        => certificate is null ? null : certificate.Extensions[SubjectAlternativeName] is { } names ? Convert.ToHexString(names.RawData) + certificate.Subject : certificate.Subject;

    private async Task HandshakeAsync(ConnectionContext connection, IPAddress address, ConnectionDelegate next)
    {
        if (!_strangers.TryEnter(address))
        {
            Refuse(connection, "handshakes");
            return;
        }

        using var handshake = new Handshake(this, address);
        using var patience = new CancellationTokenSource(_options.HandshakeTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, connection.ConnectionClosed);
        try
        {
            // Who says nothing takes no place from those who do.
            var said = await connection.Transport.Input.ReadAsync(either.Token).ConfigureAwait(false);
            connection.Transport.Input.AdvanceTo(said.Buffer.Start);
            await _handshakes.EnterAsync(address, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Refuse(connection, "patience");
            return;
        }

        handshake.Begin(_options.SlowHandshake, _clock);
        connection.Items[typeof(Handshake)] = handshake;
        await next(connection).ConfigureAwait(false);
    }

    private void Refuse(ConnectionContext connection, string reason)
    {
        _metrics.RefusedConnections.WithLabels(reason).Inc();
        Log.Refused(_logger, connection.RemoteEndPoint, reason);
        connection.Abort(new ConnectionAbortedException($"too many {reason}"));
    }

    // One that is not through yet. A slow one gives its place to others, and goes on.
    private sealed class Handshake(ConnectionAdmission admission, IPAddress address) : IDisposable
    {
        private ITimer? _slow;
        private int _inside;
        private int _over;

        public void Begin(TimeSpan slow, TimeProvider clock)
        {
            _inside = 1;
            _slow = clock.CreateTimer(static handshake => ((Handshake)handshake!).Leave(), this, slow, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            _slow?.Dispose();
            Leave();
            if (Interlocked.Exchange(ref _over, 1) == 0)
            {
                admission._strangers.Leave(address);
            }
        }

        private void Leave()
        {
            if (Interlocked.Exchange(ref _inside, 0) == 1)
            {
                admission._handshakes.Leave();
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3020, LogLevel.Debug, "A connection of {Peer} was ended: too many {Reason}")]
        public static partial void Refused(ILogger logger, EndPoint? peer, string reason);
    }
}

/// <summary>Puts the admission around a listener's TLS.</summary>
internal static class ConnectionAdmissionExtensions
{
    public static void AdmitXds(this ListenOptions listen, Action<ListenOptions> useTls)
    {
        var admission = listen.ApplicationServices.GetRequiredService<ConnectionAdmission>();
        listen.Use(next => connection => admission.AdmitAsync(connection, next));
        useTls(listen);
        listen.Use(next => connection => admission.ProvedAsync(connection, next));
    }
}
