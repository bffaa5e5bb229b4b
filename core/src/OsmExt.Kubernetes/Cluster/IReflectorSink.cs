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

    /// <summary>That was all: whatever was not listed is gone.</summary>
    void End();

    /// <summary>An object is new or different.</summary>
    void Changed(ApiObject changed);

    /// <summary>An object is gone.</summary>
    void Deleted(ApiObject deleted);
}
