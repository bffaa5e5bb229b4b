using OsmExt.Sdk.Collections;

namespace OsmExt.LocalRuntime.Processes;

/// <summary>A process of the mesh and how to run it.</summary>
/// <param name="Name">Unique in the mesh, and the base of its log files: <c>NAMESPACE.POD/CONTAINER</c>.</param>
/// <param name="Executable">Absolute path.</param>
internal sealed record ProcessSpec(string Name, string Executable)
{
    public EquatableArray<string> Arguments { get; init; }

    /// <summary>The whole environment; nothing is inherited.</summary>
    public LabelSet Environment { get; init; } = LabelSet.Empty;

    public string WorkingDirectory { get; init; } = "/";

    /// <summary>The network namespace it lives in; null for the machine's own network.</summary>
    public string? NetworkNamespace { get; init; }

    /// <summary>User and group it runs as, without any privilege; null to stay what we are.</summary>
    public uint? User { get; init; }

    /// <summary>
    /// The command line. Each program replaces itself by the next, so that the process we start is the process that runs:
    /// a session of its own (the terminal's Ctrl-C is ours alone), output to files, the namespace, the user, the program.
    /// </summary>
    /// <param name="logDirectory">Where the log files go.</param>
    /// <param name="tool">Where a tool is: the program's own PATH must not decide that.</param>
    public IReadOnlyList<string> CommandLine(string logDirectory, Func<string, string> tool)
    {
        var log = Path.Join(logDirectory, Name);
        List<string> line =
        [
            tool("setsid"), tool("sh"), "-c", "out=$1 err=$2; shift 2; exec \"$@\" </dev/null >>\"$out\" 2>>\"$err\"", "sh", $"{log}.out.log", $"{log}.err.log",
        ];
        if (NetworkNamespace is { } network)
        {
            line.AddRange([tool("ip"), "netns", "exec", network]);
        }

        if (User is { } user)
        {
            line.AddRange(
            [
                tool("setpriv"), $"--reuid={user}", $"--regid={user}", "--clear-groups", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", "--",
            ]);
        }

        return [.. line, Executable, .. Arguments];
    }
}
