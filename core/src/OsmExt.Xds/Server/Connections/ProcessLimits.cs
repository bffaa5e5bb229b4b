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
internal sealed class ProcessLimits(TimeProvider clock) : IProcessLimits
{
    // Counting takes a millisecond for some thousand files.
    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(500);
    private const int Few = 2_000;
    private readonly int _files = MaxFiles();
    private long? _countedAt;
    private int _open;

    // In a container, available memory is what the container may have.
    public double MemoryLoad => MemoryInUse() / Math.Max(1.0, GC.GetGCMemoryInfo(GCKind.Any).TotalAvailableMemoryBytes);

    public int FreeFileDescriptors
    {
        get
        {
            if (_files == int.MaxValue)
            {
                return int.MaxValue;
            }

            // Where there are plenty, a moment makes no difference.
            if (_countedAt is not { } counted || _files - _open < Few || clock.GetElapsedTime(counted) >= Freshness)
            {
                (_countedAt, _open) = (clock.GetTimestamp(), Directory.EnumerateFileSystemEntries("/proc/self/fd").Count());
            }

            return _files - _open;
        }
    }

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
