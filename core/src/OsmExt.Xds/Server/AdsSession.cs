using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using OsmExt.Envoy;
using OsmExt.Xds.Observability;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Server;

/// <summary>
/// Carries one stream between the wire and its <see cref="XdsStream"/>. Reader and writer are separate: the reader only ever
/// changes the state and wakes the writer, so a client that does not read cannot keep us from hearing it.
/// </summary>
internal sealed partial class AdsSession : IDisposable
{
    private const int LongestTypeName = 60;
    private static readonly TimeSpan LastWrite = TimeSpan.FromSeconds(1);

    // Holds at most one wake-up: several changes at once are one reason to look.
    private readonly Channel<bool> _wakeUps = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly string _nodeId;
    private readonly TimeProvider _clock;
    private readonly IRequestReader _requests;
    private readonly IServerStreamWriter<XdsResponse> _responses;
    private readonly ServerCallContext _call;
    private readonly SessionServices _services;
    private readonly RequestBudget _budget;
    private readonly ITimer _holdTimer;

    public AdsSession(
        ConnectedClient client,
        StreamContext protocol,
        string nodeId,
        string nodeVersion,
        IRequestReader requests,
        IServerStreamWriter<XdsResponse> responses,
        ServerCallContext call,
        SessionServices services)
    {
        _nodeId = nodeId;
        _clock = protocol.Clock;
        _requests = requests;
        _responses = responses;
        _call = call;
        _services = services;
        _budget = new(services.Options.RequestsPerSecond, services.Options.RequestBurst, _clock);
        Stream = new(client, protocol, nodeVersion, Wake);
        _holdTimer = _clock.CreateTimer(static session => ((AdsSession)session!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public XdsStream Stream { get; }

    /// <summary>Carries on after the first request, until the end.</summary>
    public async Task RunAsync(CancellationToken ending)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ending);
        var reading = ReadAsync(over.Token);
        var writing = WriteAsync(over.Token);
        var decisive = await Task.WhenAny(reading, writing, Stream.Leaving).ConfigureAwait(false);
        if (decisive == Stream.Leaving)
        {
            // Before the stream ends: on a connection that takes no more the client does not open the next.
            _call.GetHttpContext().Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }

        await over.CancelAsync().ConfigureAwait(false);

        // A write under way may end, so that the client gets a status, but not for the sake of a client that does not read.
        var others = Task.WhenAll(new[] { reading, writing }.Where(task => task != decisive));
        await Task.WhenAny(others, Task.Delay(LastWrite, _clock, CancellationToken.None)).ConfigureAwait(false);
        if (!others.IsCompleted)
        {
            _call.GetHttpContext().Abort();
        }

        await others.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await decisive.ConfigureAwait(false);
        ending.ThrowIfCancellationRequested();
    }

    public void Dispose() => _holdTimer.Dispose();

    private async Task ReadAsync(CancellationToken over)
    {
        while (await _requests.ReadAsync(over).ConfigureAwait(false) is { } next)
        {
            if (next.Node is { Id.Length: > 0 } node && !string.Equals(node.Id, _nodeId, StringComparison.Ordinal))
            {
                throw new RpcException(new Status(StatusCode.PermissionDenied, "a stream belongs to one node; this request names another"));
            }

            var delay = _budget.Take(next.Bytes);
            if (delay > TimeSpan.Zero)
            {
                await Task.Delay(delay, _clock, over).ConfigureAwait(false);
            }

            Handle(next.Request);

            // Until the next one, which may be days away, it is of no use.
            next = default;
        }
    }

    public void Handle(TypeRequest request)
    {
        var outcome = Stream.Handle(request);
        var type = XdsMetrics.TypeLabel(request.TypeUrl);
        _services.Metrics.Requests.WithLabels(type, XdsMetrics.CaseLabel(outcome.Case)).Inc();
        if (outcome.SentAt is { } sentAt)
        {
            _services.Metrics.AnswerLatency.WithLabels(type).Observe(_clock.GetElapsedTime(sentAt).TotalSeconds);
        }

        if (outcome.Case == RequestCase.Nack)
        {
            _services.Metrics.Rejections.WithLabels(type).Inc();
            Log.ResponseRejected(
                _services.Logger, Stream.Client.ProxyId, NameOf(request.TypeUrl), outcome.Rejections.Count, RejectionMessage.Clean(request.Error ?? ""));
        }

        foreach (var rejection in outcome.Rejections)
        {
            _services.Rejections.Announce(rejection);
        }

        if (outcome.Violation != RequestViolation.None)
        {
            throw new RpcException(StatusOf(outcome.Violation));
        }
    }

    private Status StatusOf(RequestViolation violation) => violation switch
    {
        RequestViolation.NoType => new(StatusCode.InvalidArgument, "a request on an aggregated stream has to carry its type_url"),
        RequestViolation.TooManyTypes => new(StatusCode.ResourceExhausted, $"more than {_services.Options.MaxTypesPerStream} types on one stream"),
        RequestViolation.TooManyNames => new(
            StatusCode.ResourceExhausted, $"more than {_services.Options.MaxResourceNames} names of one type on one stream"),
        _ => new(StatusCode.ResourceExhausted, $"more than {_services.Options.MaxNameCharactersOf(Stream.OnlyType)} characters of names on one stream"),
    };

    private async Task WriteAsync(CancellationToken over)
    {
        while (true)
        {
            over.ThrowIfCancellationRequested();
            if (Stream.Next(out var hold) is { } response)
            {
                await WriteAsync(response, over).ConfigureAwait(false);
                continue;
            }

            if (hold is { } time)
            {
                _holdTimer.Change(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(time.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
            }

            await _wakeUps.Reader.ReadAsync(over).ConfigureAwait(false);
        }
    }

    private async Task WriteAsync(XdsResponse response, CancellationToken over)
    {
        var waited = await _services.Gate.RunAsync(() => WriteWithinTimeAsync(response), isAnswer: response.ChangedAt is null, over).ConfigureAwait(false);
        Stream.Written(response);
        _services.Observer?.Written(Stream.Client, response);

        var type = XdsMetrics.TypeLabel(response.TypeUrl);
        _services.Metrics.GateWait.Observe(waited.TotalSeconds);
        _services.Metrics.Responses.WithLabels(type).Inc();
        _services.Metrics.ResponseBytes.WithLabels(type).Inc(response.EncodedSize);
        if (response.ChangedAt is { } changedAt)
        {
            _services.Metrics.PushLatency.WithLabels(type).Observe(_clock.GetElapsedTime(changedAt).TotalSeconds);
        }

        Log.ResponseWritten(
            _services.Logger, Stream.Client.ProxyId, NameOf(response.TypeUrl), response.Resources.Count, response.Removed.Count, response.Version);
    }

    private async Task WriteWithinTimeAsync(XdsResponse response)
    {
        using var time = new CancellationTokenSource(_services.Options.WriteTimeout, _clock);
        try
        {
            await _responses.WriteAsync(response, time.Token).ConfigureAwait(false);
        }
        catch (Exception) when (time.IsCancellationRequested)
        {
            _services.Metrics.WriteTimeouts.Inc();
            Log.WriteTimedOut(_services.Logger, Stream.Client.ProxyId, NameOf(response.TypeUrl), _services.Options.WriteTimeout);
            _call.GetHttpContext().Abort();
            throw;
        }
    }

    // A client may ask for any type; none that is known is longer.
    private static string NameOf(string typeUrl) => ClientText.Clean(TypeUrls.ShortName(typeUrl), LongestTypeName);

    private void Wake() => _wakeUps.Writer.TryWrite(true);

    private static partial class Log
    {
        [LoggerMessage(3010, LogLevel.Debug, "Sent {Proxy} {Count} {Type} resources and {Removed} removals, version {Version}")]
        public static partial void ResponseWritten(ILogger logger, string proxy, string type, int count, int removed, string version);

        [LoggerMessage(3011, LogLevel.Warning, "{Proxy} rejected {Count} {Type} resources: {Reason}")]
        public static partial void ResponseRejected(ILogger logger, string proxy, string type, int count, string reason);

        [LoggerMessage(3012, LogLevel.Warning, "{Proxy} did not read its {Type} response within {Time}; its stream is aborted")]
        public static partial void WriteTimedOut(ILogger logger, string proxy, string type, TimeSpan time);
    }
}
