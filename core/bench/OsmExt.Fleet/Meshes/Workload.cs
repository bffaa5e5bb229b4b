using OsmExt.Fleet.Options;
using OsmExt.Fleet.Proxies;
using OsmExt.Sdk.Resources;

namespace OsmExt.Fleet.Meshes;

/// <summary>
/// A mesh and what happens to it, drawn by a seed: the process that serves it and the one that leads it through a run each draw it for themselves, and get the same.
/// </summary>
internal abstract class Workload(FleetOptions options)
{
    protected FleetOptions Options => options;

    protected Random Random { get; } = new(options.Seed);

    protected static TimeSpan Second { get; } = TimeSpan.FromSeconds(1);

    /// <summary>What it is, for the head of a report.</summary>
    public abstract string Title { get; }

    /// <summary>How much faster than its own rhythm it runs unless told otherwise, so that a short run has enough steps to measure.</summary>
    public virtual double Pace => 1;

    /// <summary>Whether a step waits until the one before is settled; otherwise they come as they come.</summary>
    public virtual bool Settles => true;

    /// <summary>The first list of objects.</summary>
    public abstract IReadOnlyList<Resource> Start();

    /// <summary>What happens after that; call it once, after <see cref="Start"/>, and take one step after the other.</summary>
    public abstract IEnumerable<Step> Steps();

    /// <summary>Whether a pod of the first list has a proxy that connects.</summary>
    protected virtual bool HasProxy(Pod pod) => true;

    /// <summary>The proxies there are at first.</summary>
    public IReadOnlyList<PodName> Proxies(IReadOnlyList<Resource> objects) => [.. objects.OfType<Pod>().Where(HasProxy).Take(options.Proxies).Select(PodName.Of)];

    public static Workload Create(FleetOptions options) => options.Workload switch
    {
        "W1" => new NamespacesWorkload(options),
        _ => throw new ArgumentException($"There is no workload {options.Workload}."),
    };

    /// <summary>The same step again and again, before anything counts: code that runs for the first time is compiled, and what runs often once more.</summary>
    protected static IEnumerable<Step> WarmUp(int times, Func<Step> step)
    {
        for (var time = 0; time < times; time++)
        {
            yield return step() with { IsWarmUp = true, Pause = TimeSpan.Zero };
        }
    }
}
