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

    /// <summary>How long the measured part takes unless told otherwise.</summary>
    public virtual double Seconds => 60;

    /// <summary>In how many parts the proxies connect at first.</summary>
    public virtual int Stages => Options.Stages;

    /// <summary>Whether a step waits until the one before is settled; otherwise they come as they come.</summary>
    public virtual bool Settles => true;

    /// <summary>Whether all its steps are taken, however long that takes.</summary>
    public virtual bool RunsToItsEnd => false;

    /// <summary>Whether the control plane's memory may not go on growing.</summary>
    public virtual bool IsFlat => false;

    /// <summary>The first list of objects.</summary>
    public abstract IReadOnlyList<Resource> Start();

    /// <summary>What happens after that; call it once, after <see cref="Start"/>, and take one step after the other.</summary>
    public abstract IEnumerable<Step> Steps();

    /// <summary>
    /// What goes on beside the measured steps, in its own rhythm, whatever is still being answered. It is drawn by the control plane's process alone, for it concerns no proxy's coming or going.
    /// </summary>
    public virtual IEnumerable<Step> Alongside() => [];

    /// <summary>Whether a pod of the first list has a proxy that connects.</summary>
    protected virtual bool HasProxy(Pod pod) => true;

    /// <summary>The proxies there are at first.</summary>
    public IReadOnlyList<PodName> Proxies(IReadOnlyList<Resource> objects) => [.. objects.OfType<Pod>().Where(HasProxy).Take(options.Proxies).Select(PodName.Of)];

    public static Workload Create(FleetOptions options) => options.Workload switch
    {
        "W1" => new NamespacesWorkload(options),
        "flat" => new FlatWorkload(options),
        "W2" => new SplitsWorkload(options),
        "W3" => new FanOutWorkload(options),
        "W4" => new OpenWorkload(options, Math.Max(1, options.Services), rotates: false),
        "W5" => new OpenWorkload(options, options.Services > 0 ? options.Services : 1000, rotates: false),
        "W6" => new OpenWorkload(options, options.Services > 0 ? options.Services : 50, rotates: true),
        "W7" => new TiersWorkload(options),
        "W8" => new GatewayWorkload(options, grows: false, churns: true),
        "W9" => new GatewayWorkload(options, grows: true, churns: false),
        "W8+W9" => new GatewayWorkload(options, grows: true, churns: true),
        "W10" => new GraphWorkload(options),
        "W11" => new RoutesWorkload(options),
        "W13" => new StormWorkload(options),
        "soak" => new SoakWorkload(options),
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
