namespace OsmExt.Xds.Protocol;

/// <summary>What a discovery request means.</summary>
internal enum RequestCase
{
    /// <summary>The first of its type on the stream: always answered.</summary>
    First,

    /// <summary>The client took the last response.</summary>
    Ack,

    /// <summary>The client refused the last response.</summary>
    Nack,

    /// <summary>It speaks of a response that is not the last one, or that was already spoken of. Says nothing new.</summary>
    Stale,

    /// <summary>Only says what the client wants.</summary>
    Subscription,
}
