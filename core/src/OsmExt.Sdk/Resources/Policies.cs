using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Resources;

/// <summary>SMI TrafficTarget: which identities may reach a destination identity, and by which routes.</summary>
public sealed record TrafficTarget(ResourceMetadata Metadata) : Resource(Metadata)
{
    /// <inheritdoc/>
    public override string Kind => nameof(TrafficTarget);

    /// <summary>Who is reached.</summary>
    public required IdentityReference Destination { get; init; }

    /// <summary>Who may reach it. Empty means nobody.</summary>
    public EquatableArray<IdentityReference> Sources { get; init; }

    /// <summary>By which routes. Empty means none.</summary>
    public EquatableArray<TrafficTargetRule> Rules { get; init; }
}

/// <summary>A reference to an identity, as written.</summary>
/// <param name="Kind">The mesh knows <c>ServiceAccount</c> only.</param>
/// <param name="Namespace">Its namespace; empty when the object names none.</param>
/// <param name="Name">Its name.</param>
public sealed record IdentityReference(string Kind, string Namespace, string Name);

/// <summary>A rule of a TrafficTarget.</summary>
/// <param name="Kind"><c>HTTPRouteGroup</c> or <c>TCPRoute</c>.</param>
/// <param name="Name">The route object, in the TrafficTarget's namespace.</param>
/// <param name="Matches">Names of matches in an HTTPRouteGroup; empty means all of them, as SMI says.</param>
public sealed record TrafficTargetRule(string Kind, string Name, EquatableArray<string> Matches);

/// <summary>SMI HTTPRouteGroup: named HTTP matches.</summary>
public sealed record HttpRouteGroup(ResourceMetadata Metadata) : Resource(Metadata)
{
    /// <inheritdoc/>
    public override string Kind => "HTTPRouteGroup";

    /// <summary>The matches, in the order written.</summary>
    public EquatableArray<HttpMatch> Matches { get; init; }
}

/// <summary>One match of an HTTPRouteGroup; all its conditions must hold.</summary>
/// <param name="Name">Its name inside the group.</param>
public sealed record HttpMatch(string Name)
{
    /// <summary>RE2 pattern for the whole path; empty means any.</summary>
    public string PathRegex { get; init; } = "";

    /// <summary>Methods; empty or <c>*</c> means any.</summary>
    public EquatableArray<string> Methods { get; init; }

    /// <summary>Header name to RE2 pattern for the whole value; <c>host</c> stands for the authority.</summary>
    public LabelSet Headers { get; init; } = LabelSet.Empty;
}

/// <summary>SMI TCPRoute: ports of the destination's pods.</summary>
public sealed record TcpRoute(ResourceMetadata Metadata) : Resource(Metadata)
{
    /// <inheritdoc/>
    public override string Kind => "TCPRoute";

    /// <summary>Pod ports; empty means every TCP port of the destination's services.</summary>
    public EquatableArray<int> Ports { get; init; }
}

/// <summary>SMI TrafficSplit: requests for a root service spread over backends by weight.</summary>
public sealed record TrafficSplit(ResourceMetadata Metadata) : Resource(Metadata)
{
    /// <inheritdoc/>
    public override string Kind => nameof(TrafficSplit);

    /// <summary>The root as written: <c>svc</c>, <c>svc.ns</c>, <c>svc.ns.svc</c>, the full name, each with or without port.</summary>
    public required string Service { get; init; }

    /// <summary>The backends, in the order written.</summary>
    public EquatableArray<SplitBackend> Backends { get; init; }

    /// <summary>Names of HTTPRouteGroups that limit the split to the requests they match (v1alpha4); empty means all requests.</summary>
    public EquatableArray<string> Matches { get; init; }
}

/// <summary>A backend of a split.</summary>
/// <param name="Service">Name of a Service in the split's namespace.</param>
/// <param name="Weight">Its share relative to the sum; 0 sends nothing.</param>
public sealed record SplitBackend(string Service, int Weight);
