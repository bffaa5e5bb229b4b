namespace OsmExt.Fleet.Running;

/// <summary>What one process tells another to do; a line of JSON.</summary>
/// <param name="Do">The word for it.</param>
internal sealed record Order(string Do)
{
    /// <summary>Which pods' proxies it concerns.</summary>
    public string[] Pods { get; init; } = [];

    /// <summary>A port of the loopback address.</summary>
    public int Port { get; init; }

    /// <summary>How much of something.</summary>
    public int Count { get; init; }

    /// <summary>Whether proxies still have what they had.</summary>
    public bool Keep { get; init; }

    /// <summary>How much has been said by then; 0 for everything.</summary>
    public long Revision { get; init; }

    /// <summary>Whether proxies' credentials count, too.</summary>
    public bool Renewed { get; init; }

    /// <summary>What is looked for.</summary>
    public string Subject { get; init; } = "";

    /// <summary>How much faster than its rhythm.</summary>
    public double Pace { get; init; }

    /// <summary>How long it may take.</summary>
    public double Seconds { get; init; }

    /// <summary>Since when, as a timestamp: those of all processes of a machine are of one clock.</summary>
    public long Since { get; init; }
}
