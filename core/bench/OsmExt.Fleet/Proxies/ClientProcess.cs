using System.Diagnostics;
using System.Globalization;
using OsmExt.Fleet.Running;

namespace OsmExt.Fleet.Proxies;

/// <summary>A process full of proxies.</summary>
internal sealed class ClientProcess(FleetContext context, double stateOfTheWorld)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10);
    private readonly Dictionary<string, FleetProxy> _proxies = new(StringComparer.Ordinal);
    private int _made;

    public async Task<object> ObeyAsync(Order order)
    {
        switch (order.Do)
        {
            case "connect":
                context.Port = order.Port > 0 ? order.Port : context.Port;
                foreach (var pod in order.Pods.Select(PodName.Parse))
                {
                    Connect(pod);
                }

                return Counters();
            case "disconnect":
                await DisconnectAsync(order.Pods.Length > 0 ? order.Pods : [.. _proxies.Keys]).ConfigureAwait(false);
                return Counters();
            case "reconnect":
                foreach (var proxy in _proxies.Values)
                {
                    proxy.Reconnect(order.Keep);
                }

                return Counters();
            case "complete":
                return await CompleteAsync(order).ConfigureAwait(false);
            case "answers":
                return new Answers([.. _proxies.Values.Select(proxy => proxy.LastAnswer).Where(at => at > order.Since)]);
            case "watch":
                context.Watched = new(order.Subject);
                return Counters();
            case "seen":
                return new Answers(context.Watched?.CompleteAt ?? []);
            case "counters":
                return Counters();
            case "calm":
                Calm();
                return Counters();
            case "digests":
                return _proxies.Values.ToDictionary(proxy => proxy.Pod.ToString(), proxy => proxy.Digest.ToString("x32", CultureInfo.InvariantCulture));
            case "holdings":
                return _proxies[order.Pods[0]].Holdings;
            default:
                throw new ArgumentException(order.Do);
        }
    }

    private void Connect(PodName pod)
    {
        // Spread by a sequence of its own, lest all pods of one kind speak one variant.
        var delta = _made * 38.1966 % 100 >= stateOfTheWorld;
        var proxy = new FleetProxy(_made++, pod, delta, context);
        _proxies.Add(pod.ToString(), proxy);
        proxy.Start();
    }

    private async Task DisconnectAsync(string[] pods)
    {
        var leaving = pods.Select(pod => _proxies[pod]).ToArray();
        foreach (var pod in pods)
        {
            _proxies.Remove(pod);
        }

        await Task.WhenAll(leaving.Select(proxy => proxy.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    private void Calm()
    {
        context.CalmDown();
        foreach (var nacker in _proxies.Values.Where(proxy => proxy.Manner is Manner.Nacker or Manner.Slow))
        {
            // What it refused it would not be offered again as who it was; and a slow reader reads at full speed on its next stream.
            nacker.Reconnect(keep: nacker.Manner == Manner.Slow);
        }
    }

    private async Task<Completion> CompleteAsync(Order order)
    {
        var start = Stopwatch.GetTimestamp();
        var proxies = _proxies.Values.ToArray();
        while (proxies.Any(proxy => proxy.CompleteAt == 0) && Stopwatch.GetElapsedTime(start).TotalSeconds < order.Seconds)
        {
            await Task.Delay(Glance, TimeProvider.System).ConfigureAwait(false);
        }

        return new([.. proxies.Select(proxy => proxy.CompleteAt).Where(at => at > 0)], [.. proxies.Where(proxy => proxy.CompleteAt == 0).Select(proxy => proxy.Pod.ToString()).Take(5)]);
    }

    private ClientCounters Counters()
        => new(_proxies.Count, context.Responses, context.Secrets, context.Resources, context.Bytes, context.Refusals, context.Ends.ToDictionary(), Environment.CpuUsage.TotalTime.TotalSeconds);
}

/// <summary>Which proxies have everything since when, and some that have not.</summary>
internal sealed record Completion(long[] At, string[] Missing);

/// <summary>When each proxy last answered a response, of those that have since a moment.</summary>
internal sealed record Answers(long[] At);

/// <summary>What the proxies of a process have met so far.</summary>
/// <param name="Proxies">How many there are.</param>
/// <param name="Responses">Responses received.</param>
/// <param name="Secrets">Those of them that had secrets.</param>
/// <param name="Resources">Resources in them, and removals.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Refusals">Responses refused.</param>
/// <param name="Ends">How streams ended, and how often.</param>
/// <param name="CpuSeconds">Processor time of the process.</param>
internal sealed record ClientCounters(int Proxies, long Responses, long Secrets, long Resources, long Bytes, long Refusals, Dictionary<string, int> Ends, double CpuSeconds)
{
    /// <summary>Responses that came because something happened. A certificate is renewed when its time has come: in a large mesh that is some identity's at any minute.</summary>
    public long Pushes => Responses - Secrets;
}
