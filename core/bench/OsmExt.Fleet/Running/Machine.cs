using System.Globalization;

namespace OsmExt.Fleet.Running;

/// <summary>The machine a run was on.</summary>
internal static class Machine
{
    /// <summary>Cores, processor, memory, load at this moment, and .NET's version.</summary>
    public static string Describe()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";
        var load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        return string.Create(CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores ({model}), {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:f0} GB, load average {load}, .NET {Environment.Version}");
    }
}
