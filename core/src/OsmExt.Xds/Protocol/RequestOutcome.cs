namespace OsmExt.Xds.Protocol;

/// <summary>What a request turned out to be, for counting, logging and for the host.</summary>
internal readonly record struct RequestOutcome(RequestCase Case)
{
    public IReadOnlyList<Rejection> Rejections { get; init; } = [];

    /// <summary>Anything but <see cref="RequestViolation.None"/> has to end the stream.</summary>
    public RequestViolation Violation { get; init; }

    /// <summary>Timestamp of when what it answers was written; null when it answers nothing.</summary>
    public long? SentAt { get; init; }
}

/// <summary>How a request breaks the rules.</summary>
internal enum RequestViolation
{
    None,

    /// <summary>On an aggregated stream every request names its type.</summary>
    NoType,

    TooManyTypes,

    TooManyNames,

    TooLongNames,
}
