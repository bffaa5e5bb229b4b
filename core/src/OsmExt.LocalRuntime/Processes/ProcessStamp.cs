using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;

namespace OsmExt.LocalRuntime.Processes;

/// <summary>
/// A process beyond doubt: numbers are used again, a number together with its start time is not (until the machine restarts).
/// </summary>
/// <param name="Pid">Its number.</param>
/// <param name="Started">Its start: in clock ticks since the machine started where <c>/proc</c> says it, else in .NET's ticks.</param>
internal readonly record struct ProcessStamp(int Pid, ulong Started)
{
    /// <summary>The stamp of a running process; null when there is none of that number, or only what is left of one.</summary>
    public static ProcessStamp? Of(int pid)
    {
        if (!OperatingSystem.IsLinux())
        {
            return WithoutProc(pid);
        }

        string text;
        try
        {
            text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }

        return Parse(pid, text);
    }

    [JsonIgnore]
    public bool IsRunning => Of(Pid) == this;

    /// <summary>Reads a line of <c>/proc/PID/stat</c>. The program's name stands in parentheses and may hold anything, also parentheses.</summary>
    public static ProcessStamp? Parse(int pid, string stat)
    {
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 19 && fields[0] is not ("Z" or "X")
            && ulong.TryParse(fields[19], NumberStyles.None, CultureInfo.InvariantCulture, out var started)
            ? new ProcessStamp(pid, started)
            : null;
    }

    /// <summary>Signals the process and what it started in its group, if it still is the one this stamp was taken of. Where there are no signals it is ended.</summary>
    public void Signal(int signal)
    {
        if (!IsRunning)
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            EndTree();
        }
        else if (!Native.Kill(-Pid, signal))
        {
            // A process that has just been started is not the leader of a group yet, and without sessions never is.
            Native.Kill(Pid, signal);
        }
    }

    /// <summary>The same as <see cref="Of"/> on systems without <c>/proc</c>.</summary>
    internal static ProcessStamp? WithoutProc(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.HasExited ? null : new(pid, (ulong)process.StartTime.ToUniversalTime().Ticks);
        }
        catch (Exception failure) when (failure is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    private void EndTree()
    {
        try
        {
            using var process = Process.GetProcessById(Pid);
            process.Kill(entireProcessTree: true);
        }
        catch (Exception failure) when (failure is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It has ended by itself.
        }
    }
}
