using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using Envoy.Config.Core.V3;
using Microsoft.AspNetCore.Http;
using OsmExt.DataPlane.Http;

namespace OsmExt.DataPlane.Upstream;

/// <summary>Asks a cluster's endpoints from time to time whether they are well. An endpoint counts as well until it has been found not to be.</summary>
internal sealed class ActiveChecks : IDisposable
{
    private readonly HealthCheck _check;
    private readonly UpstreamCluster _cluster;
    private readonly TrafficOptions _options;
    private readonly ConcurrentDictionary<UpstreamHost, int> _inARow = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _next;
    private int _asking;

    public ActiveChecks(HealthCheck check, UpstreamCluster cluster, TrafficOptions options)
    {
        (_check, _cluster, _options) = (check, cluster, options);
        _next = options.Time.CreateTimer(_ => _ = AskAllAsync(), null, TimeSpan.Zero, check.Interval.ToTimeSpan());
    }

    public void Dispose()
    {
        _next.Dispose();
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private async Task AskAllAsync()
    {
        if (Interlocked.Exchange(ref _asking, 1) != 0)
        {
            return;
        }

        try
        {
            ImmutableArray<UpstreamHost> hosts = _cluster.Hosts;
            foreach (var gone in _inARow.Keys.Except(hosts))
            {
                _inARow.TryRemove(gone, out _);
            }

            await Task.WhenAll(hosts.Select(host => AskAsync(host, _stopping.Token)));
        }
        catch (ObjectDisposedException)
        {
            // The cluster is gone.
        }
        finally
        {
            Volatile.Write(ref _asking, 0);
        }
    }

    private async Task AskAsync(UpstreamHost host, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(_check.Timeout.ToTimeSpan(), _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        var well = false;
        try
        {
            well = await AnswersAsync(host, either.Token);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            // No answer is an answer, too.
        }

        if (!stop.IsCancellationRequested)
        {
            Count(host, well);
        }
    }

    private async Task<bool> AnswersAsync(UpstreamHost host, CancellationToken stop)
    {
        if (_check.HttpHealthCheck is not { } http)
        {
            await using var connection = await _cluster.ConnectAsync(host, stop);
            return true;
        }

        var kept = host.Keep();
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, kept.Prefix[..^1] + http.Path)
            {
                Version = _cluster.Http.VersionFor(downstreamIsHttp2: false),
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            request.Headers.Host = http.Host.Length > 0 ? http.Host : _cluster.Message.Name;
            request.Headers.TryAddWithoutValidation("user-agent", "Envoy/HC");
            var added = new HeaderDictionary();
            HeaderChanges.Apply(added, http.RequestHeadersToRemove, http.RequestHeadersToAdd);
            foreach (var (name, values) in added)
            {
                request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }

            using var answer = await _cluster.Http.Invoker.SendAsync(request, stop);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        finally
        {
            kept.End();
        }
    }

    // As often in a row as the thresholds say; the very first answer counts by itself, as in Envoy.
    private void Count(UpstreamHost host, bool well)
    {
        var first = !_inARow.TryGetValue(host, out var before);
        var now = _inARow[host] = well ? Math.Max(before, 0) + 1 : Math.Min(before, 0) - 1;
        if (well && (first || now >= (_check.HealthyThreshold ?? 1)))
        {
            host.FailedActiveCheck = false;
        }
        else if (!well && -now >= (_check.UnhealthyThreshold ?? 1))
        {
            host.FailedActiveCheck = true;
        }
    }
}
