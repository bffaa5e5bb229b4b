using System.Globalization;

namespace OsmExt.Benchmarks.DataPlane;

/// <summary>What the kernel says of another process.</summary>
internal static class ProcessCost
{
    // Of every Linux .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>Seconds of processor time since it began, of all its threads, its own and the kernel's for it.</summary>
    public static double CpuSeconds(int process)
    {
        var text = File.ReadAllText($"/proc/{process}/stat");
        // A program's name may have spaces, in brackets.
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>Resident memory in megabytes.</summary>
    public static double Megabytes(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
