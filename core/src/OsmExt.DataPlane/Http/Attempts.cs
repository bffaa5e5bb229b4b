using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OsmExt.DataPlane.Upstream;
using Yarp.ReverseProxy.Forwarder;

namespace OsmExt.DataPlane.Http;

/// <summary>One request's attempts at its cluster, one after another, within one time limit.</summary>
internal sealed class Attempts : IDisposable
{
    private readonly Exchange _exchange;
    private readonly UpstreamCluster _cluster;
    private readonly IHttpForwarder _forwarder;
    private readonly TrafficOptions _options;
    private readonly RetryRules? _rules;
    private readonly ReplayableBody? _body;
    private readonly CancellationTokenSource _limit;
    private readonly ForwarderRequestConfig _how;
    private readonly ulong? _hash;

    public Attempts(Exchange exchange, UpstreamCluster cluster, IHttpForwarder forwarder, TrafficOptions options, TimeSpan? timeout, TimeSpan idle, int keep)
    {
        (_exchange, _cluster, _forwarder, _options, Timeout) = (exchange, cluster, forwarder, options, timeout);
        _limit = new(System.Threading.Timeout.InfiniteTimeSpan, options.Time);
        _rules = RetryRules.Of(exchange.Way!.Place);
        _hash = Hashes.Of(exchange.Way.Place.Route!.Route_, exchange);
        _how = new()
        {
            Version = cluster.Http.VersionFor(exchange.Session.IsHttp2),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            ActivityTimeout = idle,
        };
        if (exchange.Context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false && !IsUpgrade)
        {
            exchange.Context.Request.Body = _body = new(exchange.Context.Request.Body, keep, StartLimit);
        }
        else
        {
            StartLimit();
        }
    }

    /// <summary>From when the client has sent all to when it has got all.</summary>
    public TimeSpan? Timeout { get; }

    private bool IsUpgrade => _exchange.Context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true;

    private bool IsSingle => _how.Version!.Major == 1;

    /// <returns>What the proxy answers itself; null when the answer, or as much of it as there was, has been passed on.</returns>
    public async Task<LocalReply?> RunAsync()
    {
        var context = _exchange.Context;
        LocalReply? outcome = null;
        for (var retry = 0; ; retry++)
        {
            UpstreamHost? host;
            try
            {
                host = await _cluster.ChooseAsync(_hash, _exchange.Session.Served.Facts.Local, context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                return Gone();
            }

            if (host is null)
            {
                return outcome ?? Unavailable("no healthy upstream", "no_healthy_upstream", "UH");
            }

            var mayRetry = _rules is not null && retry < _rules.Retries && _body is not { IsWhole: false };
            var (failure, again, reason) = await OnceAsync(host, mayRetry, retry);
            _exchange.Record.BytesReceived = _body?.Received ?? 0;
            if (failure is null && !again)
            {
                return null;
            }

            if (context.RequestAborted.IsCancellationRequested)
            {
                return Gone();
            }

            outcome = failure is { } kind ? ReplyTo(kind, reason) : null;
            if (context.Response.HasStarted)
            {
                return outcome;
            }

            again |= mayRetry && failure is { } met && _rules!.After(met) && _body is not { IsWhole: false };
            if (!again)
            {
                if (_rules is not null && retry >= _rules.Retries && retry > 0)
                {
                    _exchange.Record.ResponseFlags.Add("URX");
                }

                return outcome;
            }

            if (!await PauseAsync(retry + 1))
            {
                return outcome ?? ReplyTo(Failure.Timeout, "");
            }

            context.Response.Clear();
            _body?.Rewind();
        }
    }

    public void Dispose() => _limit.Dispose();

    private async Task<(Failure? Failure, bool Again, string Reason)> OnceAsync(UpstreamHost host, bool mayRetry, int retry)
    {
        var (context, record) = (_exchange.Context, _exchange.Record);
        record.UpstreamHost = host.Name;
        record.UpstreamMetadata = host.Facts.Metadata;
        record.UpstreamAttempts++;
        using var perTry = _rules?.PerTry is { } once ? new CancellationTokenSource(once, _options.Time) : null;
        using var any = perTry is null ? null : CancellationTokenSource.CreateLinkedTokenSource(_limit.Token, perTry.Token);
        var limits = any?.Token ?? _limit.Token;
        var retries = retry > 0;
        if (retries && !_cluster.Breaker.TryRetry())
        {
            return (Failure.Overflow, false, "");
        }

        var succeeded = false;
        try
        {
            try
            {
                using var waiting = CancellationTokenSource.CreateLinkedTokenSource(limits, context.RequestAborted);
                await _cluster.Breaker.BeginAsync(IsSingle, waiting.Token);
            }
            catch (UpstreamException full)
            {
                return (full.Failure, false, full.Message);
            }
            catch (OperationCanceledException)
            {
                return (Failure.Timeout, false, "");
            }

            var kept = host.RequestBegins();
            try
            {
                var passing = new Passing(_exchange, kept, mayRetry ? _rules : null, _options.Time);
                context.Features.Set<IForwarderErrorFeature>(null);
                var error = await _forwarder.SendAsync(context, kept.Prefix, _cluster.Http.Invoker, _how, passing, limits);
                if (error == ForwarderError.None)
                {
                    succeeded = passing.Status is > 0 and < 500;
                    _cluster.Report(host, passing.Status, local: false);
                    return (null, passing.Again, "");
                }

                var (failure, reason) = Classify(error, context.Features.Get<IForwarderErrorFeature>()?.Exception, perTry?.IsCancellationRequested == true);
                record.UpstreamTransportFailureReason = failure == Failure.Connect ? reason : record.UpstreamTransportFailureReason;
                if (!context.RequestAborted.IsCancellationRequested)
                {
                    _cluster.Report(host, failure is Failure.Timeout or Failure.PerTryTimeout ? 504 : 503, local: true);
                }

                return (failure, false, reason);
            }
            finally
            {
                host.RequestEnds(kept, succeeded);
                _cluster.Breaker.End(IsSingle);
            }
        }
        finally
        {
            if (retries)
            {
                _cluster.Breaker.RetryEnds();
            }
        }
    }

    private (Failure Failure, string Reason) Classify(ForwarderError error, Exception? exception, bool perTry)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is UpstreamException known)
            {
                return (known.Failure, known.Message);
            }

            // Neither the client nor a limit of ours has cancelled it, so it has been silent for too long.
            if (inner is OperationCanceledException && !_limit.IsCancellationRequested && !perTry)
            {
                return (Failure.Timeout, "");
            }
        }

        return _limit.IsCancellationRequested ? (Failure.Timeout, "")
            : perTry ? (Failure.PerTryTimeout, "")
            : error is ForwarderError.RequestTimedOut ? (Failure.Timeout, "")
            : (Failure.Reset, exception?.GetBaseException().Message ?? "");
    }

    private static LocalReply ReplyTo(Failure failure, string reason) => failure switch
    {
        Failure.Connect => Reset($"remote connection failure{(reason.Length > 0 ? $", transport failure reason: {reason}" : "")}", "remote_connection_failure", "UF"),
        Failure.Overflow => Reset("overflow", "overflow", "UO") with { Headers = [("x-envoy-overloaded", "true")] },
        Failure.Timeout => new(504, "upstream request timeout", "response_timeout") { Flag = "UT" },
        Failure.PerTryTimeout => new(504, "upstream request timeout", "upstream_per_try_timeout") { Flag = "UT" },
        _ => Reset("connection termination", "connection_termination", "UC"),
    };

    private static LocalReply Reset(string reason, string word, string flag) => Unavailable(
        $"upstream connect error or disconnect/reset before headers. reset reason: {reason}", $"upstream_reset_before_response_started{{{word}}}", flag);

    private static LocalReply Unavailable(string body, string details, string flag) => new(503, body, details) { Flag = flag };

    private LocalReply? Gone()
    {
        _exchange.Record.ResponseFlags.Add("DC");
        _exchange.Record.ResponseCodeDetails = "downstream_remote_disconnect";
        return null;
    }

    private async Task<bool> PauseAsync(int retry)
    {
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token, _exchange.Context.RequestAborted);
            await Task.Delay(_rules!.Pause(retry, _options.Chance), _options.Time, either.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void StartLimit()
    {
        if (Timeout is { } limit)
        {
            _limit.CancelAfter(limit);
        }
    }
}
