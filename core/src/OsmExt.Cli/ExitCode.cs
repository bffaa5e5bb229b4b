namespace OsmExt.Cli;

/// <summary>What the program's exit codes mean.</summary>
internal static class ExitCode
{
    /// <summary>Done; there may have been warnings.</summary>
    public const int Ok = 0;

    /// <summary>It could not be done: the environment, or a bug of ours.</summary>
    public const int Failed = 1;

    /// <summary>Done, and the two things compared differ; only commands that compare say so, as <c>diff</c> does everywhere.</summary>
    public const int Differs = 1;

    /// <summary>The request is denied; of the commands that decide requests.</summary>
    public const int Denied = 1;

    /// <summary>The input cannot be used: the command line, or the manifests. The message or the diagnostics say why.</summary>
    public const int UnusableInput = 2;

    /// <summary>Something that must be there is missing; the message says what and how to get it.</summary>
    public const int Missing = 3;

    /// <summary>Nobody can say whether the request is allowed; the message names what is not known.</summary>
    public const int Undecided = 4;

    /// <summary>It is applied, and not enough sidecars have it in the time that was given.</summary>
    public const int NotInTime = 5;
}
