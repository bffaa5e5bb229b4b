namespace OsmExt.Testing.ApiServer;

/// <summary>Something that goes wrong with some requests. Of the fields that say what happens any number can be given; latency comes first.</summary>
public sealed record FaultRule
{
    /// <summary>The verbs it is for, such as <c>list</c> or <c>watch</c>; empty for all.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = [];

    /// <summary>The kinds it is for, as in addresses, such as <c>pods</c>; empty for all.</summary>
    public IReadOnlyList<string> Resources { get; init; } = [];

    /// <summary>The share of these requests it happens to, from 0 to 1. Default: 1, all of them.</summary>
    public double Share { get; init; } = 1;

    /// <summary>How often it happens before it is over; null for as long as the rule stands.</summary>
    public int? Times { get; init; }

    /// <summary>How long a request waits before anything else.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>The code a request is refused with, such as 429, 500 or 503; null for none.</summary>
    public int? Refuse { get; init; }

    /// <summary>When a refused client may come again, in seconds; with 429 and 503. Default: 1.</summary>
    public int RetryAfterSeconds { get; init; } = 1;

    /// <summary>Whether the connection breaks instead of an answer; for a watch: after its first event, or after <see cref="AfterEvents"/>.</summary>
    public bool Cut { get; init; }

    /// <summary>After how many events a watch is cut or told that its revision is too old. Default: 0, with the first.</summary>
    public int AfterEvents { get; init; }

    /// <summary>How many revisions old what is read is, as from a replica that is behind; as far as it is remembered.</summary>
    public long StaleBy { get; init; }

    /// <summary>Whether a watch is told that its revision is too old (410).</summary>
    public bool Expire { get; init; }
}
