using System.Collections.Concurrent;
using Prometheus;

namespace OsmExt.DataPlane.Observation.Statistics;

/// <summary>
/// What the statistics logger counts. Its tags have values that requests bring along, so there is a limit to how many different ones are
/// kept for each scope; what comes beyond it is dropped, and that is counted.
/// </summary>
internal sealed class LoggedStatistics(IMetricFactory metrics)
{
    // Envoy's classic buckets, in milliseconds where the unit is.
    internal static readonly double[] Buckets =
        [0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000];

    private readonly ConcurrentDictionary<string, Limits> _scopes = new(StringComparer.Ordinal);
    private readonly Counter _dropped = metrics.CreateCounter("envoy_stats_overflow", "Counted nowhere, because a scope of statistics was full.");

    /// <summary>The scope of that name, shared by all that share its name.</summary>
    public Limits Scope(string sharing, int counters, int histograms) => _scopes.GetOrAdd(sharing, static (_, most) => new(most.counters, most.histograms), (counters, histograms));

    public void Count(Limits scope, string name, string[] tags, string[] values, double by)
    {
        if (scope.HasRoomForCounter(name, values))
        {
            metrics.CreateCounter(name, "", tags).WithLabels(values).Inc(by);
        }
        else
        {
            _dropped.Inc();
        }
    }

    public void Observe(Limits scope, string name, string[] tags, string[] values, double value)
    {
        if (scope.HasRoomForHistogram(name, values))
        {
            metrics.CreateHistogram(name, "", tags, new HistogramConfiguration { Buckets = Buckets }).WithLabels(values).Observe(value);
        }
        else
        {
            _dropped.Inc();
        }
    }

    /// <summary>How many different series a scope has and may have.</summary>
    internal sealed class Limits(int counters, int histograms)
    {
        private readonly ConcurrentDictionary<string, bool> _counters = new(StringComparer.Ordinal);
        private readonly ConcurrentDictionary<string, bool> _histograms = new(StringComparer.Ordinal);

        public bool HasRoomForCounter(string name, string[] values) => HasRoom(_counters, counters, name, values);

        public bool HasRoomForHistogram(string name, string[] values) => HasRoom(_histograms, histograms, name, values);

        // Two that arrive at once may both take the last place: the limit is there for memory, not for accounting.
        private static bool HasRoom(ConcurrentDictionary<string, bool> known, int most, string name, string[] values)
        {
            var key = $"{name}\n{string.Join('\n', values)}";
            return known.ContainsKey(key) || (known.Count < most && known.TryAdd(key, true)) || known.ContainsKey(key);
        }
    }
}
