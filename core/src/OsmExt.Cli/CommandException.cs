namespace OsmExt.Cli;

/// <summary>A command cannot do what it is asked. The message says why and what to do, and is printed as it is.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCode.Failed) : Exception(message)
{
    /// <summary>What the program ends with.</summary>
    public int ExitCode { get; } = exitCode;
}
