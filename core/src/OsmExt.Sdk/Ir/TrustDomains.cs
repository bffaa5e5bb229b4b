using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;

namespace OsmExt.Sdk.Ir;

/// <summary>
/// The trust domains in which proxies know each other. Within the mesh's policy an identity has one name, whatever these are;
/// wherever that name is written for a proxy it is written once for each of them.
/// </summary>
/// <param name="Accepted">Sorted, never empty; more than one while the mesh goes from one to another.</param>
public sealed record TrustDomains(EquatableArray<string> Accepted)
{
    /// <summary>
    /// After which change of the domain in which certificates are issued proxies were last told to open all their connections
    /// anew, counted from 1; 0 as long as that was never needed.
    /// </summary>
    public int ConnectionsAfter { get; init; }

    /// <summary>An identity by all its names, in order.</summary>
    public IEnumerable<WorkloadIdentity> NamesOf(WorkloadIdentity identity) => Accepted.Select(identity.In);
}
