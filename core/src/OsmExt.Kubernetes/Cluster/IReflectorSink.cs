namespace OsmExt.Kubernetes.Cluster;

/// <summary>
/// Where a reflector puts what it reads. Objects' bytes are valid during the call only. A list that is begun replaces one that was begun and never
/// ended.
/// </summary>
internal interface IReflectorSink
{
    /// <summary>A complete list begins.</summary>
    void Begin();

    /// <summary>One object of the list.</summary>
    void Listed(ApiObject found);

    /// <summary>That was all: whatever was not listed is gone, unless so much of it is that it is to be made sure of first.</summary>
    /// <param name="isSure">Whether it was made sure of.</param>
    /// <returns>What it keeps though it was not listed; null when it keeps nothing.</returns>
    Doubt? End(bool isSure);

    /// <summary>An object is new or different.</summary>
    void Changed(ApiObject changed);

    /// <summary>An object is gone.</summary>
    void Deleted(ApiObject deleted);
}

/// <summary>A list that is not believed at once.</summary>
/// <param name="Missing">How many objects are not in it.</param>
/// <param name="Known">Of how many that were there.</param>
internal sealed record Doubt(int Missing, int Known);
