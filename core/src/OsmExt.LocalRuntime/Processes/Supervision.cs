using Microsoft.Extensions.Logging;
using OsmExt.LocalRuntime.State;

namespace OsmExt.LocalRuntime.Processes;

/// <summary>What all supervised processes of a run share.</summary>
/// <param name="LogDirectory">Where their output goes.</param>
/// <param name="StopGrace">How long one may take to end before it is killed.</param>
/// <param name="Journal">Where it is written down which process runs.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The log.</param>
internal sealed record Supervision(string LogDirectory, TimeSpan StopGrace, RunJournal Journal, TimeProvider Time, ILogger Logger)
{
    /// <summary>
    /// Whether processes get sessions of their own, whose groups end as one and which no terminal reaches. Elsewhere than on Linux there is no such tool: their output comes
    /// through this process, and they end with what they have started.
    /// </summary>
    public bool HasSessions { get; init; } = OperatingSystem.IsLinux();
}
