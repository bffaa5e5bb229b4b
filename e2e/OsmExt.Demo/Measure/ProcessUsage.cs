using System.Diagnostics;

namespace OsmExt.Demo.Measure;

/// <summary>What a process has used.</summary>
internal readonly record struct ProcessUsage(TimeSpan Cpu, long Resident)
{
    public static ProcessUsage Of(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return new(process.TotalProcessorTime, process.WorkingSet64);
    }
}
