using System.CommandLine;
using OsmExt.Cli.Simulation;
using OsmExt.Testing.Simulation;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm why</c>: what <c>osm simulate</c> says, and first which object decided and what would reverse it.</summary>
internal static class WhyCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
        => SimulateCommand.Create("why",
            $"Say why a request is allowed or denied: the object and line that decided, and what change would reverse it; "
            + $"then what osm simulate says. {SimulateCommand.ExitCodes}",
            static (decision, snapshot, explained) => $"{Explanation.Of(decision, snapshot, explained)}\n\n{DecisionTable.Of(decision)}",
            Explanation.Of);
}
