using System.Globalization;
using OsmExt.Testing.ApiServer.Faults;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer;

/// <summary>What goes wrong in a server, at a test's will; and what was asked of it.</summary>
public sealed class ServerFaults
{
    private readonly Lock _gate = new();
    private readonly Random _random;
    private readonly TimeProvider _clock;
    private readonly ObjectStore _store;
    private readonly List<(FaultRule Rule, int Happened)> _rules = [];
    private readonly HashSet<FaultyStream> _streams = [];
    private readonly SortedDictionary<string, int> _requests = new(StringComparer.Ordinal);

    internal ServerFaults(int seed, TimeProvider clock, ObjectStore store) => (_random, _clock, _store) = (new(seed), clock, store);

    /// <summary>How many watches are open.</summary>
    public int OpenWatches
    {
        get
        {
            lock (_gate)
            {
                return _streams.Count;
            }
        }
    }

    /// <summary>How often each verb was asked of each kind so far, such as <c>list pods</c>.</summary>
    public IReadOnlyDictionary<string, int> Requests
    {
        get
        {
            lock (_gate)
            {
                return new SortedDictionary<string, int>(_requests, StringComparer.Ordinal);
            }
        }
    }

    /// <summary>Makes a rule stand, beside those that do.</summary>
    public void Add(FaultRule rule)
    {
        lock (_gate)
        {
            _rules.Add((rule, 0));
        }
    }

    /// <summary>Ends all rules.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _rules.Clear();
        }
    }

    /// <summary>Breaks the connections of all open watches.</summary>
    public void CutWatches()
    {
        FaultyStream[] open;
        lock (_gate)
        {
            open = [.. _streams];
        }

        foreach (var stream in open)
        {
            stream.Cut();
        }
    }

    /// <summary>Forgets all changes up to now: watches from before, and pages of lists begun before, get 410.</summary>
    public void Compact() => _store.Compact(_store.State.Revision);

    internal async Task BeforeAsync(RequestTarget target, CancellationToken stop)
    {
        lock (_gate)
        {
            var asked = $"{target.Verb} {target.Kind.GroupResource}";
            _requests[asked] = _requests.GetValueOrDefault(asked) + 1;
        }

        foreach (var rule in Happening(target, rule => rule.Latency > TimeSpan.Zero || rule.Refuse is not null || (rule.Cut && target.Verb != "watch")))
        {
            if (rule.Latency > TimeSpan.Zero)
            {
                await Task.Delay(rule.Latency, _clock, stop).ConfigureAwait(false);
            }

            if (rule.Refuse is { } code)
            {
                throw new Refusal(code, Reason(code), string.Create(CultureInfo.InvariantCulture, $"refused with {code} by a fault of this test"))
                {
                    About = code is 429 or 503 ? new() { ["retryAfterSeconds"] = rule.RetryAfterSeconds } : null,
                };
            }

            if (rule.Cut && target.Verb != "watch")
            {
                throw new IOException("cut by a fault of this test");
            }
        }
    }

    internal StoreState StateOf(ObjectStore store, RequestTarget target)
    {
        var by = Happening(target, rule => rule.StaleBy > 0).Select(rule => rule.StaleBy).DefaultIfEmpty().Max();
        return by == 0 ? store.State : store.At(Math.Max(store.State.Revision - by, store.Compacted)) ?? store.State;
    }

    internal FaultyStream NewStream(CancellationToken stop)
    {
        var stream = new FaultyStream(Closed, stop);
        lock (_gate)
        {
            _streams.Add(stream);
        }

        return stream;
    }

    /// <summary>Counts an event of a watch, and cuts it when that is due.</summary>
    internal void Count(RequestTarget target, FaultyStream stream)
    {
        stream.Events++;
        if (Happening(target, rule => rule.Cut && target.Verb == "watch" && stream.Events > rule.AfterEvents) is not [])
        {
            stream.Cut();
        }
    }

    internal bool Expires(RequestTarget target, FaultyStream stream) => Happening(target, rule => rule.Expire && stream.Events >= rule.AfterEvents) is not [];

    private void Closed(FaultyStream stream)
    {
        lock (_gate)
        {
            _streams.Remove(stream);
        }
    }

    private List<FaultRule> Happening(RequestTarget target, Func<FaultRule, bool> matters)
    {
        var happening = new List<FaultRule>();
        lock (_gate)
        {
            for (var index = 0; index < _rules.Count; index++)
            {
                var (rule, happened) = _rules[index];
                if (matters(rule) && Concerns(rule, target) && !(happened >= rule.Times) && (rule.Share >= 1 || _random.NextDouble() < rule.Share))
                {
                    _rules[index] = (rule, happened + 1);
                    happening.Add(rule);
                }
            }
        }

        return happening;
    }

    private static bool Concerns(FaultRule rule, RequestTarget target)
        => (rule.Verbs is [] || rule.Verbs.Contains(target.Verb)) && (rule.Resources is [] || rule.Resources.Contains(target.Kind.Plural));

    private static string Reason(int code) => code switch
    {
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => "InternalError",
    };
}
