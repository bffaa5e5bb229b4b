using System.Diagnostics;
using OsmExt.LocalRuntime;
using OsmExt.LocalRuntime.Processes;
using OsmExt.LocalRuntime.State;

namespace OsmExt.Node.Containers;

/// <summary>One run of a container.</summary>
internal sealed class ContainerProcess : IDisposable
{
    private readonly Process _process;
    private readonly ProcessStamp _stamp;
    private readonly RunJournal _journal;

    private ContainerProcess(Process process, RunJournal journal)
    {
        (_process, _journal, _stamp) = (process, journal, ProcessStamp.Of(process.Id) ?? new(process.Id, 0));
        journal.Add(_stamp);
        Ended = WaitAsync();
    }

    /// <summary>Its exit code, once it has one.</summary>
    public Task<int> Ended { get; }

    public DateTime Started { get; } = TimeProvider.System.GetUtcNow().UtcDateTime;

    public bool IsRunning => !Ended.IsCompleted;

    public static ContainerProcess Start(ContainerSpec spec, string logDirectory, RunJournal journal)
    {
        var log = Path.Join(logDirectory, spec.Name);
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        Directory.CreateDirectory(spec.Root);
        // Each program replaces itself by the next, so that the process we start is the container's.
        string[] words =
        [
            "setsid", "sh", "-c", "out=$1 err=$2; shift 2; exec \"$@\" </dev/null >>\"$out\" 2>>\"$err\"", "sh", $"{log}.out.log", $"{log}.err.log",
            "ip", "netns", "exec", spec.NetworkNamespace, "unshare", "--mount", "--propagation", "private",
            "sh", "-c", MountPlan.Script(spec.Mounts, spec.ReadOnlyRoot), "sh", spec.Root,
            .. spec.User.Words(), "sh", "-c", "cd \"$0\" && exec \"$@\"", spec.WorkingDirectory, spec.Executable, .. spec.Arguments,
        ];
        var info = new ProcessStartInfo("/usr/bin/env") { WorkingDirectory = "/" };
        info.Environment.Clear();
        foreach (var (name, value) in spec.Environment)
        {
            info.Environment[name] = value;
        }

        // The container's own PATH does not decide which tools make it.
        info.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        words.ToList().ForEach(info.ArgumentList.Add);
        var process = new Process { StartInfo = info };
        process.Start();
        return new(process, journal);
    }

    public void Terminate() => _stamp.Signal(Native.SigTerm);

    public void Kill() => _stamp.Signal(Native.SigKill);

    /// <summary>Runs a command where the container is.</summary>
    public async Task<bool> ExecAsync(IEnumerable<string> command, TimeSpan patience, CancellationToken cancellation)
        => (await Command.TryRunAsync("nsenter", ["-t", $"{_process.Id}", "--mount", "--net", "--root", "--wd", "--", .. command], null, patience, cancellation)).ExitCode == 0;

    public void Dispose() => _process.Dispose();

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        // What it left running in its group would hold its ports.
        Native.Kill(-_stamp.Pid, Native.SigKill);
        _journal.Remove(_stamp);
        return _process.ExitCode;
    }
}
