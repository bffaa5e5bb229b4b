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
        if (scope.CounterOf(metrics, name, tags, values) is { } counter)
        {
            counter.Inc(by);
        }
        else
        {
            _dropped.Inc();
        }
    }

    public void Observe(Limits scope, string name, string[] tags, string[] values, double value)
    {
        if (scope.HistogramOf(metrics, name, tags, values) is { } histogram)
        {
            histogram.Observe(value);
        }
        else
        {
            _dropped.Inc();
        }
    }

    /// <summary>The series that a scope has, as many as it may. What has been counted before is found by its name and its tags' values, and costs nothing else.</summary>
    internal sealed class Limits(int counters, int histograms)
    {
        private readonly ConcurrentDictionary<string, Counter.Child> _counters = new(StringComparer.Ordinal);
        private readonly ConcurrentDictionary<string, Histogram.Child> _histograms = new(StringComparer.Ordinal);

        /// <summary>Null when there is no room for another one.</summary>
        public Counter.Child? CounterOf(IMetricFactory metrics, string name, string[] tags, string[] values) => Find(_counters, counters, name, values,
            static made => made.Metrics.CreateCounter(made.Name, "", made.Tags).WithLabels(made.Values), (metrics, name, tags, values));

        /// <inheritdoc cref="CounterOf"/>
        public Histogram.Child? HistogramOf(IMetricFactory metrics, string name, string[] tags, string[] values) => Find(_histograms, histograms, name, values,
            static made => made.Metrics.CreateHistogram(made.Name, "", made.Tags, new HistogramConfiguration { Buckets = Buckets }).WithLabels(made.Values), (metrics, name, tags, values));

        // Two that arrive at once may both take the last place: the limit is there for memory, not for accounting.
        private static T? Find<T>(ConcurrentDictionary<string, T> known, int most, string name, string[] values,
            Func<(IMetricFactory Metrics, string Name, string[] Tags, string[] Values), T> make, (IMetricFactory, string, string[], string[]) made)
            where T : class
        {
            var key = $"{name}\n{string.Join('\n', values)}";
            return known.TryGetValue(key, out var found) ? found : known.Count < most ? known.GetOrAdd(key, static (_, with) => with.make(with.made), (make, made)) : null;
        }
    }
}
