using System.Globalization;
using Prometheus;

namespace OsmExt.DataPlane.Observation.Statistics;

/// <summary>Statistics under both of Envoy's names: with dots, as <c>/stats</c> prints them, and with labels, as Prometheus reads them.</summary>
internal sealed class StatFamilies(IMetricFactory metrics)
{
    private readonly List<(string Pattern, Func<IEnumerable<(string[] Labels, double Value)>> Read)> _families = [];
    private readonly Lock _lock = new();

    /// <param name="pattern">The name with dots, with {0} where the first label's value stands, and so on.</param>
    /// <param name="name">The name in Prometheus, without Envoy's prefix.</param>
    /// <param name="labels">Names of labels.</param>
    public Counter Counter(string pattern, string name, params string[] labels)
    {
        var counter = metrics.CreateCounter(StatNames.Prometheus(name), "", labels);
        Add(pattern, () => labels.Length == 0 ? [([], counter.Value)] : counter.GetAllLabelValues().Select(values => (values, counter.WithLabels(values).Value)));
        return counter;
    }

    /// <inheritdoc cref="Counter"/>
    public Gauge Gauge(string pattern, string name, params string[] labels)
    {
        var gauge = metrics.CreateGauge(StatNames.Prometheus(name), "", labels);
        Add(pattern, () => labels.Length == 0 ? [([], gauge.Value)] : gauge.GetAllLabelValues().Select(values => (values, gauge.WithLabels(values).Value)));
        return gauge;
    }

    /// <summary>A distribution in Envoy's classic buckets. It is told to Prometheus only.</summary>
    public Histogram Histogram(string name, params string[] labels)
        => metrics.CreateHistogram(StatNames.Prometheus(name), "", labels, new HistogramConfiguration { Buckets = LoggedStatistics.Buckets });

    /// <summary>Every number with its name with dots, sorted.</summary>
    public IReadOnlyList<(string Name, double Value)> Read()
    {
        lock (_lock)
        {
            return [.. _families.SelectMany(family => family.Read().Select(series => (Name(family.Pattern, series.Labels), series.Value)))
                .OrderBy(stat => stat.Item1, StringComparer.Ordinal)];
        }
    }

    private static string Name(string pattern, string[] labels) => string.Format(CultureInfo.InvariantCulture, pattern, labels);

    private void Add(string pattern, Func<IEnumerable<(string[], double)>> read)
    {
        lock (_lock)
        {
            _families.Add((pattern, read));
        }
    }
}
