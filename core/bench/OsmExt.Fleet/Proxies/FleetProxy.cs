using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using OsmExt.Fleet.Wire;

namespace OsmExt.Fleet.Proxies;

/// <summary>A proxy that carries no traffic: it connects, asks, keeps and answers as Envoy does, unless its manner is another, and comes back when its stream ends.</summary>
internal sealed class FleetProxy(int index, PodName pod, bool delta, FleetContext context) : IAsyncDisposable
{
    private const string Service = "/envoy.service.discovery.v3.AggregatedDiscoveryService/";
    /// <summary>What a proxy says that refuses.</summary>
    public const string Objection = "refused by a proxy that refuses";

    private const int SlowRead = 2048;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _ending = new();
    private readonly EnvoyState _state = new(delta, new(delta, pod.Identity.NodeId), context.Table);
    private readonly Random _random = new(index);
    private readonly Lock _held = new();
    private FleetCredential? _credential;
    private CancellationTokenSource _stream = new();
    private volatile bool _forget;
    private long _completeAt;
    private long _lastAnswer;
    private int _responses;
    private Task _running = Task.CompletedTask;

    public PodName Pod => pod;

    public Manner Manner { get; } = context.Shares.Of(index);

    /// <summary>When it got everything on its present stream, as a timestamp; 0 when it has not.</summary>
    public long CompleteAt => Volatile.Read(ref _completeAt);

    /// <summary>When it last answered a response; 0 for never.</summary>
    public long LastAnswer => Volatile.Read(ref _lastAnswer);

    public UInt128 Digest
    {
        get
        {
            lock (_held)
            {
                return _state.Digest;
            }
        }
    }

    /// <summary>What it has, a line each.</summary>
    public string[] Holdings
    {
        get
        {
            lock (_held)
            {
                return [.. _state.Held.Select(payload => payload.ToString()).Order(StringComparer.Ordinal)];
            }
        }
    }

    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>Drops its connection and comes back at once.</summary>
    /// <param name="keep">Whether it still has what it had, and says so.</param>
    public void Reconnect(bool keep)
    {
        _forget = !keep;
        Volatile.Write(ref _completeAt, 0);
        Volatile.Read(ref _stream).Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
        _stream.Dispose();
    }

    private async Task RunAsync()
    {
        for (var failures = 0; !_ending.IsCancellationRequested;)
        {
            using var stream = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
            Volatile.Write(ref _stream, stream);
            try
            {
                var before = _responses;
                context.Ended(await StreamAsync(stream.Token).ConfigureAwait(false) ?? "ended");
                failures = _responses > before ? 0 : failures + 1;
            }
            catch (Exception lost) when (lost is IOException or SocketException or AuthenticationException or OperationCanceledException or ObjectDisposedException)
            {
                failures = stream.IsCancellationRequested ? 0 : failures + 1;
                context.Ended(stream.IsCancellationRequested ? "left" : lost.InnerException?.Message ?? lost.Message);
            }

            catch (Exception fault)
            {
                // Ours; whoever leads the run is told.
                context.Ended($"{FleetContext.Fault}{fault}");
                return;
            }

            Volatile.Write(ref _completeAt, 0);
            if (!stream.IsCancellationRequested)
            {
                await PauseAsync(failures).ConfigureAwait(false);
            }
        }
    }

    // Longer each time, and no two alike, as Envoy does it.
    private Task PauseAsync(int failures)
    {
        var longest = Math.Min(LongestPause.TotalMilliseconds, 50 * (1 << Math.Min(failures, 10)));
        return Task.Delay(TimeSpan.FromMilliseconds(_random.NextDouble() * longest), TimeProvider.System, _ending.Token);
    }

    private async Task<string?> StreamAsync(CancellationToken over)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, context.Port, over).ConfigureAwait(false);
        await using var connection = new SslStream(new NetworkStream(socket));
        _credential = context.Credentials.Renew(pod.Identity, _credential);
        await connection.AuthenticateAsClientAsync(_credential.Tls, over).ConfigureAwait(false);
        await using var stream = new GrpcStream(connection, _credential.ServerName, Service + (delta ? "DeltaAggregatedResources" : "StreamAggregatedResources"),
            Manner == Manner.Slow && !context.Calm.IsCompleted ? new(SlowRead, context.Shares.Delay / 10) : null);
        stream.Open();
        lock (_held)
        {
            if (_forget)
            {
                _forget = false;
                _state.Forget();
            }

            _state.Begin(stream);
        }

        while (await stream.NextAsync(over).ConfigureAwait(false) is { } message)
        {
            await TakeAsync(stream, message, over).ConfigureAwait(false);
        }

        return stream.End;
    }

    private async Task TakeAsync(GrpcStream stream, ReadOnlyMemory<byte> message, CancellationToken over)
    {
        var response = Response.Read(message.Span, delta, context.Table);
        var (isComplete, isCalm) = (CompleteAt > 0, context.Calm.IsCompleted);
        if (isComplete && !isCalm)
        {
            await MisbehaveAsync(over).ConfigureAwait(false);
        }

        var objection = Manner == Manner.Nacker && isComplete && !isCalm && _responses % 3 == 0 ? Objection : null;
        _responses++;
        lock (_held)
        {
            _state.Take(stream, response, objection);
        }

        context.Count(response, message.Length, objection is not null);
        await stream.FlushAsync(over).ConfigureAwait(false);
        var now = Stopwatch.GetTimestamp();
        Volatile.Write(ref _lastAnswer, now);
        if (objection is null)
        {
            context.Watched?.Look(pod.ProxyId, response.TypeUrl, message.Span, now);
        }

        if (!isComplete && _state.IsComplete)
        {
            Volatile.Write(ref _completeAt, Stopwatch.GetTimestamp());
        }
    }

    private Task MisbehaveAsync(CancellationToken over) => Manner switch
    {
        Manner.Stuck => context.Calm.WaitAsync(over),
        Manner.Late => Task.Delay(context.Shares.Delay, TimeProvider.System, over),
        _ => Task.CompletedTask,
    };
}
