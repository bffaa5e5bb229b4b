using System.Diagnostics;
using OsmExt.Fleet.Options;
using OsmExt.Fleet.Proxies;

namespace OsmExt.Fleet.Running;

/// <summary>All proxies, in one process or several.</summary>
internal sealed class ProxyProcesses : IAsyncDisposable
{
    private readonly ChildProcess[] _processes;
    private readonly Dictionary<string, ChildProcess> _homes = new(StringComparer.Ordinal);

    public ProxyProcesses(FleetOptions options)
        => _processes = [.. Enumerable.Range(0, options.Processes).Select(index => ChildProcess.Start(["proxies", .. options.Words], Path.Combine(options.State, $"proxies-{index}.log"), isMeasured: false))];

    public IReadOnlyCollection<string> Pods => _homes.Keys;

    /// <param name="pods">Which come.</param>
    /// <param name="port">Where they connect; 0 for where the others are.</param>
    public async Task ConnectAsync(IEnumerable<PodName> pods, int port = 0)
    {
        var shares = pods.Select((pod, index) => (Name: pod.ToString(), Home: _processes[index % _processes.Length])).ToArray();
        foreach (var (name, home) in shares)
        {
            _homes[name] = home;
        }

        await Task.WhenAll(_processes.Select(process => process.AskAsync<ClientCounters>(new("connect")
        {
            Port = port, Pods = [.. shares.Where(share => share.Home == process).Select(share => share.Name)],
        }))).ConfigureAwait(false);
    }

    public async Task DisconnectAsync(IReadOnlyCollection<PodName> pods)
    {
        var leaving = pods.Select(pod => pod.ToString()).ToLookup(name => _homes[name]);
        await Task.WhenAll(leaving.Select(group => group.Key.AskAsync<ClientCounters>(new("disconnect") { Pods = [.. group] }))).ConfigureAwait(false);
        foreach (var pod in pods)
        {
            _homes.Remove(pod.ToString());
        }
    }

    public async Task DisconnectAllAsync()
    {
        await AllAsync(new("disconnect")).ConfigureAwait(false);
        _homes.Clear();
    }

    /// <summary>All drop their connections and come back at once.</summary>
    public Task ReconnectAsync(bool keep) => AllAsync(new("reconnect") { Keep = keep });

    /// <summary>Whoever misbehaved does so no longer.</summary>
    public Task CalmAsync() => AllAsync(new("calm"));

    /// <summary>Waits until all have everything; the seconds since a moment for each that has.</summary>
    public async Task<(double[] Seconds, string[] Missing)> CompleteAsync(long since, double atMost)
    {
        var completions = await Task.WhenAll(_processes.Select(process => process.AskAsync<Completion>(new("complete") { Seconds = atMost }))).ConfigureAwait(false);
        return (Since(since, completions.SelectMany(completion => completion.At)), [.. completions.SelectMany(completion => completion.Missing)]);
    }

    /// <summary>For each proxy that has answered something since a moment, the seconds until its last answer.</summary>
    public async Task<double[]> AnswersAsync(long since)
    {
        var answers = await Task.WhenAll(_processes.Select(process => process.AskAsync<Answers>(new("answers") { Since = since }))).ConfigureAwait(false);
        return Since(since, answers.SelectMany(answer => answer.At));
    }

    /// <summary>From now on proxies look for a name in what they are sent.</summary>
    public Task WatchAsync(string subject) => AllAsync(new("watch") { Subject = subject });

    /// <summary>For each proxy that has been sent it, the seconds from a moment until it had it in all types of resources that it is in.</summary>
    public async Task<double[]> SeenAsync(long since)
    {
        var seen = await Task.WhenAll(_processes.Select(process => process.AskAsync<Answers>(new("seen")))).ConfigureAwait(false);
        return Since(since, seen.SelectMany(answer => answer.At));
    }

    public async Task<ClientCounters> CountersAsync()
        => (await AllAsync(new("counters")).ConfigureAwait(false)).Aggregate((left, right) => new(
            left.Proxies + right.Proxies, left.Responses + right.Responses, left.Secrets + right.Secrets, left.Resources + right.Resources, left.Bytes + right.Bytes, left.Refusals + right.Refusals,
            left.Ends.Concat(right.Ends).GroupBy(end => end.Key, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Sum(end => end.Value), StringComparer.Ordinal),
            left.CpuSeconds + right.CpuSeconds));

    public async Task<Dictionary<string, string>> DigestsAsync()
        => (await Task.WhenAll(_processes.Select(process => process.AskAsync<Dictionary<string, string>>(new("digests")))).ConfigureAwait(false))
            .SelectMany(digests => digests).ToDictionary(StringComparer.Ordinal);

    public Task<string[]> HoldingsAsync(string pod) => _homes[pod].AskAsync<string[]>(new("holdings") { Pods = [pod] });

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static double[] Since(long since, IEnumerable<long> moments) => [.. moments.Select(at => Stopwatch.GetElapsedTime(since, at).TotalSeconds).Order()];

    private Task<ClientCounters[]> AllAsync(Order order) => Task.WhenAll(_processes.Select(process => process.AskAsync<ClientCounters>(order)));
}
