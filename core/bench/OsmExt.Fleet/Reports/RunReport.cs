using OsmExt.Fleet.Running;

namespace OsmExt.Fleet.Reports;

/// <summary>Everything a run has found, as it is written in JSON. Times are in milliseconds, memory in megabytes, unless a name says otherwise.</summary>
internal sealed record RunReport
{
    public required string Workload { get; init; }

    public required string Title { get; init; }

    public required string Command { get; init; }

    public required string Machine { get; init; }

    public required string Date { get; init; }

    public IReadOnlyList<Stage> Stages { get; init; } = [];

    public IdleSpell? Idle { get; init; }

    public IReadOnlyList<KindFigures> Kinds { get; init; } = [];

    public IReadOnlyList<StepFigures> Steps { get; init; } = [];

    /// <summary>How many other things happened in the mesh meanwhile, which the steps' figures have in them.</summary>
    public int Alongside { get; init; }

    public Steady? Steady { get; init; }

    public Floor? Floor { get; init; }

    public required Comparison Comparison { get; init; }

    public IReadOnlyList<Sample> Samples { get; init; } = [];

    /// <summary>What was not as it should be; a run with any has failed.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];
}

/// <summary>A part of the proxies connected, all at once, beside those that were there.</summary>
/// <param name="Proxies">How many there are then.</param>
/// <param name="Complete">From the start until each had everything.</param>
/// <param name="CpuSeconds">What it cost the control plane.</param>
/// <param name="Megabytes">Its resident memory then.</param>
/// <param name="Bytes">What those that came were sent.</param>
internal sealed record Stage(int Proxies, Distribution Complete, double CpuSeconds, double Megabytes, long Bytes);

/// <summary>A time in which nothing happened.</summary>
internal sealed record IdleSpell(double Seconds, long Pushes, long Renewals, double Cores, double AllocatedPerSecond);

/// <summary>One step as it was measured.</summary>
/// <param name="At">Seconds since the run began.</param>
/// <param name="Kind">What it was.</param>
/// <param name="Proxies">How many proxies had to do with it.</param>
/// <param name="All">Until the last of them had answered, as they saw it.</param>
/// <param name="Pushes">Responses they were sent.</param>
/// <param name="Bytes">The responses' bytes.</param>
/// <param name="Cpu">Processor time it cost the control plane.</param>
/// <param name="AllocatedKilobytes">Managed memory it allocated.</param>
internal sealed record StepFigures(double At, string Kind, int Proxies, double All, long Pushes, long Bytes, double Cpu, double AllocatedKilobytes);

/// <summary>All steps of a kind.</summary>
/// <param name="Kind">What they were.</param>
/// <param name="Steps">How many.</param>
/// <param name="Proxies">How many proxies one concerned, on average.</param>
/// <param name="Each">From the change to each proxy's answer, over all steps and proxies.</param>
/// <param name="All">From the change to the last proxy's answer.</param>
/// <param name="Pushes">Responses for one, on average.</param>
/// <param name="BytesPerPush">A response's size, on average.</param>
/// <param name="Cpu">The control plane's processor time for one, on average.</param>
/// <param name="CpuMedian">The median, which background work of the runtime does not show in.</param>
/// <param name="CpuPerPush">The mean for one response, in microseconds.</param>
/// <param name="AllocatedKilobytes">Managed memory allocated for one, the median.</param>
internal sealed record KindFigures(
    string Kind, int Steps, double Proxies, Distribution Each, Distribution All, double Pushes, double BytesPerPush, double Cpu, double CpuMedian, double CpuPerPush, double AllocatedKilobytes);

/// <summary>The whole time in which steps came.</summary>
/// <param name="Seconds">How long.</param>
/// <param name="Cores">The control plane's processor time per time.</param>
/// <param name="AllocatedPerSecond">Megabytes of managed memory allocated per second.</param>
/// <param name="PeakMegabytes">Most resident memory in the whole run.</param>
/// <param name="EndMegabytes">Resident memory in the end.</param>
/// <param name="HeapMegabytes">Managed heap in the end.</param>
/// <param name="Pauses">How long the garbage collector held it up, each time, in the whole run.</param>
/// <param name="ClientCores">The proxies' processor time per time.</param>
/// <param name="GrowthMegabytes">How much more was resident in the last third of the process's life than in the third before; null when that was too short.</param>
internal sealed record Steady(
    double Seconds, double Cores, double AllocatedPerSecond, double PeakMegabytes, double EndMegabytes, double HeapMegabytes, Distribution Pauses, double ClientCores, double? GrowthMegabytes);

/// <summary>The same payload to as many proxies by a server that does nothing else.</summary>
/// <param name="Kind">The kind of step whose payload and number of proxies it took.</param>
/// <param name="Streams">How many streams.</param>
/// <param name="Bytes">The payload's size.</param>
/// <param name="Each">From the push to each proxy's answer.</param>
/// <param name="All">To the last one's.</param>
/// <param name="CpuPerPush">The server's processor time for a push and its answer, in microseconds.</param>
/// <param name="Ratio">How often that goes into what the control plane took.</param>
internal sealed record Floor(string Kind, int Streams, int Bytes, Distribution Each, Distribution All, double CpuPerPush, double Ratio);

/// <summary>Whether everybody had the right configuration in the end.</summary>
/// <param name="Proxies">How many were compared.</param>
/// <param name="Equal">How many had what a fresh translation gives and what was published.</param>
internal sealed record Comparison(int Proxies, int Equal);
