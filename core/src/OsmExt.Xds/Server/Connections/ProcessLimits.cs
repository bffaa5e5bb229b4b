using System.Globalization;

namespace OsmExt.Xds.Server.Connections;

/// <summary>What the system allows this process.</summary>
internal interface IProcessLimits
{
    /// <summary>How much of the memory it may have is in use, by whomever it shares it with; 1 is all.</summary>
    double MemoryLoad { get; }

    /// <summary>How many more files and sockets it may open.</summary>
    int FreeFileDescriptors { get; }
}

/// <inheritdoc />
internal sealed class ProcessLimits : IProcessLimits
{
    private readonly int _files = MaxFiles();

    // In a container, available memory is what the container may have.
    public double MemoryLoad => MemoryInUse() / Math.Max(1.0, GC.GetGCMemoryInfo(GCKind.Any).TotalAvailableMemoryBytes);

    public int FreeFileDescriptors => _files == int.MaxValue ? int.MaxValue : _files - Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();

    private static double MemoryInUse()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private static int MaxFiles()
    {
        const string Name = "Max open files";
        var line = File.Exists("/proc/self/limits") ? File.ReadLines("/proc/self/limits").FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal)) : null;
        var soft = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var files) ? files : int.MaxValue;
    }
}
