using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace OsmExt.LocalRuntime.Processes;

/// <summary>Keeps one process running until it is told to stop, and writes down which process it is.</summary>
internal sealed partial class SupervisedProcess(ProcessSpec spec, Supervision supervision) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly RestartBackoff _backoff = new();
    private volatile ProcessStatus _status = new(spec.Name, 0, 0, null, null);
    private ProcessStamp? _current;
    private Task _loop = Task.CompletedTask;

    public ProcessStatus Status => _status;

    /// <summary>Starts it and watches over it.</summary>
    public void Start()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Join(supervision.LogDirectory, spec.Name))!);
        _loop = SuperviseAsync();
    }

    /// <summary>Asks it to end, and ends it when it does not in supervision.Time.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Signal(Native.SigTerm);
        try
        {
            await _loop.WaitAsync(supervision.StopGrace, supervision.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.Killed(supervision.Logger, spec.Name, supervision.StopGrace.TotalSeconds);
        }
        finally
        {
            Signal(Native.SigKill);
        }

        await _loop.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private void Signal(int signal)
    {
        lock (_gate)
        {
            _current?.Signal(signal);
        }
    }

    private async Task SuperviseAsync()
    {
        while (true)
        {
            var started = supervision.Time.GetTimestamp();
            var exitCode = await RunOnceAsync().ConfigureAwait(false);
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            _status = _status with { Pid = 0, LastExit = exitCode, LastEnded = supervision.Time.GetUtcNow() };
            var wait = _backoff.After(supervision.Time.GetElapsedTime(started));
            Log.Ended(supervision.Logger, spec.Name, exitCode, wait.TotalMilliseconds);
            try
            {
                await Task.Delay(wait, supervision.Time, _stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            _status = _status with { Restarts = _status.Restarts + 1 };
        }
    }

    private async Task<int> RunOnceAsync()
    {
        using var process = new Process { StartInfo = StartInfo() };
        if (Launch(process) is not { } stamp)
        {
            return -1;
        }

        var written = supervision.HasSessions ? Task.CompletedTask : LogAsync(process);
        await process.WaitForExitAsync().ConfigureAwait(false);
        await written.ConfigureAwait(false);
        lock (_gate)
        {
            _current = null;
        }

        if (supervision.HasSessions && !OperatingSystem.IsWindows())
        {
            // What it left running in its group would hold its ports. The group's number cannot be another's while a member lives.
            Native.Kill(-stamp.Pid, Native.SigKill);
        }

        supervision.Journal.Remove(stamp);
        return process.ExitCode;
    }

    private ProcessStamp? Launch(Process process)
    {
        // Under the lock, so that a process is either seen by StopAsync or not started.
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested)
            {
                return null;
            }

            try
            {
                process.Start();
            }
            catch (Win32Exception e)
            {
                Log.NotStarted(supervision.Logger, spec.Name, e.Message);
                return null;
            }

            var stamp = ProcessStamp.Of(process.Id) ?? new ProcessStamp(process.Id, 0);
            _current = stamp;
            _status = _status with { Pid = process.Id };
            supervision.Journal.Add(stamp);
            return stamp;
        }
    }

    private ProcessStartInfo StartInfo()
    {
        IReadOnlyList<string> line = supervision.HasSessions
            ? spec.CommandLine(supervision.LogDirectory, tool => Command.Find(tool, Environment.GetEnvironmentVariable("PATH")) ?? tool)
            : [spec.Executable, .. spec.Arguments];
        var info = new ProcessStartInfo(line[0], line.Skip(1))
        {
            WorkingDirectory = spec.WorkingDirectory,
            RedirectStandardOutput = !supervision.HasSessions,
            RedirectStandardError = !supervision.HasSessions,
        };
        info.Environment.Clear();
        foreach (var (name, value) in spec.Environment)
        {
            info.Environment[name] = value;
        }

        return info;
    }

    // What it has said is in its files before it counts as ended.
    private Task LogAsync(Process process)
    {
        var log = Path.Join(supervision.LogDirectory, spec.Name);
        return Task.WhenAll(AppendAsync(process.StandardOutput.BaseStream, $"{log}.out.log"), AppendAsync(process.StandardError.BaseStream, $"{log}.err.log"));
    }

    private static async Task AppendAsync(Stream said, string file)
    {
        await using var target = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        await said.CopyToAsync(target).ConfigureAwait(false);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 7001, EventName = nameof(Ended), Level = LogLevel.Warning,
            Message = "{Process} ended with {ExitCode}; starting it again in {Milliseconds} ms")]
        public static partial void Ended(ILogger logger, string process, int exitCode, double milliseconds);

        [LoggerMessage(EventId = 7002, EventName = nameof(NotStarted), Level = LogLevel.Error, Message = "{Process} cannot be started: {Reason}")]
        public static partial void NotStarted(ILogger logger, string process, string reason);

        [LoggerMessage(EventId = 7003, EventName = nameof(Killed), Level = LogLevel.Warning, Message = "{Process} did not end in {Seconds} s and was killed")]
        public static partial void Killed(ILogger logger, string process, double seconds);
    }
}
