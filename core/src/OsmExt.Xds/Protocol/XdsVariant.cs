namespace OsmExt.Xds.Protocol;

/// <summary>The two ways of speaking xDS on one stream for all types.</summary>
internal enum XdsVariant
{
    /// <summary>Each request names everything; listeners and clusters are always sent in full.</summary>
    StateOfTheWorld,

    /// <summary>Requests and responses carry differences.</summary>
    Delta,
}
