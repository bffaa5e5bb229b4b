using System.Net;

namespace OsmExt.DataPlane;

/// <summary>What is known of one endpoint of a cluster.</summary>
/// <param name="Cluster">The cluster's name.</param>
/// <param name="Address">Where it is.</param>
internal sealed record EndpointStatus(string Cluster, IPEndPoint Address)
{
    public string Hostname { get; init; } = "";

    public uint Weight { get; init; } = 1;

    public uint Priority { get; init; }

    /// <summary>Region, zone and sub-zone, as its set says.</summary>
    public (string Region, string Zone, string SubZone) Locality { get; init; }

    /// <summary>Its set says that it is unhealthy.</summary>
    public bool FailedEds { get; init; }

    /// <summary>Outlier detection has ejected it for now.</summary>
    public bool Ejected { get; init; }

    public long ActiveConnections { get; init; }

    public long TotalConnections { get; init; }

    public long FailedConnections { get; init; }

    public long ActiveRequests { get; init; }

    public long TotalRequests { get; init; }

    public long FailedRequests { get; init; }

    public long SucceededRequests { get; init; }
}
