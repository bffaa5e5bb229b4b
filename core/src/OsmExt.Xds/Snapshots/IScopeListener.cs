namespace OsmExt.Xds.Snapshots;

/// <summary>A stream, as the cache sees it. Called under the scope's lock, so it must be quick and must not call the cache.</summary>
internal interface IScopeListener
{
    /// <summary>The scope has a snapshot: its first, or the first this listener sees of it. Returns whether it concerns this listener.</summary>
    bool Replace(object scope, XdsSnapshot snapshot);

    /// <summary>The snapshot differs from the one before by <paramref name="changes"/>. Returns whether they concern this listener.</summary>
    bool Advance(object scope, XdsSnapshot snapshot, IReadOnlyCollection<XdsChange> changes);

    /// <summary>Whose stream it is.</summary>
    string ProxyId { get; }

    /// <summary>What it has still to send, or to see answered.</summary>
    Backlog Backlog { get; }
}
