using Prometheus;

namespace OsmExt.DataPlane.Observation.Statistics;

/// <summary>Statistics that many things of one kind have, each under its own name, which is the first label: listeners, connection managers, clusters.</summary>
/// <param name="made">Makes them.</param>
/// <param name="kind">What comes before the name, such as <c>listener</c>.</param>
/// <param name="label">The label of the name in Prometheus.</param>
internal sealed class FamilySet(StatFamilies made, string kind, string label)
{
    private readonly List<Collector> _all = [];

    /// <param name="name">What comes after the name, as Envoy writes it with dots.</param>
    public Counter Counter(string name) => Kept(made.Counter($"{kind}.{{0}}.{name}", Flat(name), label));

    /// <summary>A counter whose name ends with a value of its own, which is a label to Prometheus.</summary>
    public Counter CounterOf(string name, string more) => Kept(made.Counter($"{kind}.{{0}}.{name}.{{1}}", Flat(name), label, more));

    /// <summary>A counter with labels of its own in its name.</summary>
    public Counter CounterAs(string pattern, string name, params string[] more) => Kept(made.Counter($"{kind}.{{0}}.{pattern}", Flat(name), [label, .. more]));

    public Gauge Gauge(string name) => Kept(made.Gauge($"{kind}.{{0}}.{name}", Flat(name), label));

    public Histogram Histogram(string name) => Kept(made.Histogram(Flat(name), label));

    /// <summary>Forgets the numbers of one that is gone.</summary>
    public void Forget(string name)
    {
        foreach (var collector in _all)
        {
            switch (collector)
            {
                case Counter counter:
                    Remove(counter, name);
                    break;
                case Gauge gauge:
                    Remove(gauge, name);
                    break;
                case Histogram histogram:
                    Remove(histogram, name);
                    break;
            }
        }
    }

    private static void Remove<TChild>(Collector<TChild> collector, string name)
        where TChild : ChildBase
    {
        foreach (var labels in collector.GetAllLabelValues().Where(labels => labels[0] == name).ToArray())
        {
            collector.RemoveLabelled(labels);
        }
    }

    private T Kept<T>(T collector)
        where T : Collector
    {
        _all.Add(collector);
        return collector;
    }

    private string Flat(string name) => $"{kind}_{name.Replace('.', '_')}";
}
