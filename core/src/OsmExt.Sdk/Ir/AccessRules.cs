using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Resources;

namespace OsmExt.Sdk.Ir;

/// <summary>What a workload accepts in SMI mode: only what a rule names. No rules means nothing.</summary>
/// <param name="Identity">The workload that is reached.</param>
public sealed record InboundPolicy(WorkloadIdentity Identity)
{
    /// <summary>Requests it accepts on its HTTP ports. A request is accepted when any rule accepts it.</summary>
    public EquatableArray<HttpAccessRule> HttpRules { get; init; }

    /// <summary>Connections it accepts on its TCP ports. A connection is accepted when any rule accepts it.</summary>
    public EquatableArray<TcpAccessRule> TcpRules { get; init; }
}

/// <summary>Accepts requests that match, from the given identities.</summary>
/// <param name="Name">Says where it comes from: <c>NAMESPACE/TRAFFIC-TARGET|ROUTE-GROUP|MATCH</c>.</param>
/// <param name="Match">Which requests.</param>
/// <param name="Sources">From whom, sorted. Empty admits nobody.</param>
/// <param name="Origins">The objects it was made from.</param>
public sealed record HttpAccessRule(
    string Name, HttpRouteMatch Match, EquatableArray<WorkloadIdentity> Sources, EquatableArray<ResourceKey> Origins);

/// <summary>Which requests a rule means; all conditions must hold.</summary>
/// <param name="PathRegex">RE2 pattern for the whole path without the query; <c>.*</c> for any.</param>
/// <param name="Methods">Exact methods, in the order written without repeats; empty for any.</param>
/// <param name="Headers">Header name, in lower case, to RE2 pattern for the whole value; sorted by name.</param>
public sealed record HttpRouteMatch(string PathRegex, EquatableArray<string> Methods, LabelSet Headers)
{
    /// <summary>Any request.</summary>
    public static HttpRouteMatch Any { get; } = new(".*", [], LabelSet.Empty);
}

/// <summary>Accepts connections from the given identities.</summary>
/// <param name="Name">Says where it comes from: <c>NAMESPACE/TRAFFIC-TARGET|TCP-ROUTE</c>.</param>
/// <param name="Ports">Pod ports, sorted; empty for every TCP port of the workload's services.</param>
/// <param name="Sources">From whom, sorted. Empty admits nobody.</param>
/// <param name="Origins">The objects it was made from.</param>
public sealed record TcpAccessRule(
    string Name, EquatableArray<int> Ports, EquatableArray<WorkloadIdentity> Sources, EquatableArray<ResourceKey> Origins);

/// <summary>Whom a workload may reach in SMI mode.</summary>
/// <param name="Identity">The workload that calls.</param>
/// <param name="Destinations">Whom it may call, sorted.</param>
public sealed record OutboundPolicy(WorkloadIdentity Identity, EquatableArray<WorkloadIdentity> Destinations);
