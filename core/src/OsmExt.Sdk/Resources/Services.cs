using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Resources;

/// <summary>A Kubernetes Service.</summary>
public sealed record Service(ResourceMetadata Metadata) : Resource(Metadata)
{
    /// <inheritdoc/>
    public override string Kind => nameof(Service);

    /// <summary>Which pods back it; empty for none (its endpoints are then written by somebody else).</summary>
    public LabelSet Selector { get; init; } = LabelSet.Empty;

    /// <summary>Its virtual addresses; empty for a headless one.</summary>
    public EquatableArray<string> ClusterAddresses { get; init; }

    /// <summary>Whether it says that it has no virtual address (<c>clusterIP: None</c>), rather than nothing about it.</summary>
    public bool IsHeadless { get; init; }

    /// <summary>Its ports.</summary>
    public EquatableArray<ServicePort> Ports { get; init; }

    /// <summary>The name it stands for when its type is ExternalName; else empty.</summary>
    public string ExternalName { get; init; } = "";
}

/// <summary>A port of a Service.</summary>
/// <param name="Name">Name, or empty when it is the only one.</param>
/// <param name="Port">What clients dial.</param>
public sealed record ServicePort(string Name, int Port)
{
    /// <summary>TCP, UDP or SCTP.</summary>
    public string Transport { get; init; } = "TCP";

    /// <summary>The declared application protocol, verbatim; empty when none is declared.</summary>
    public string AppProtocol { get; init; } = "";

    /// <summary>Target port: a number, the name of a container port, or empty for the same number as <see cref="Port"/>.</summary>
    public string TargetPort { get; init; } = "";
}

/// <summary>An EndpointSlice, or a legacy Endpoints object in the same shape: who serves a Service right now.</summary>
public sealed record EndpointSlice(ResourceMetadata Metadata) : Resource(Metadata)
{
    /// <summary>The kind of legacy objects.</summary>
    public const string LegacyKind = "Endpoints";

    /// <inheritdoc/>
    public override string Kind => IsLegacy ? LegacyKind : nameof(EndpointSlice);

    /// <summary>Whether it was an Endpoints object. Those count only for a Service without any EndpointSlice.</summary>
    public bool IsLegacy { get; init; }

    /// <summary>Name of the Service, in the same namespace.</summary>
    public string ServiceName { get; init; } = "";

    /// <summary>Groups of addresses that share ports. A slice has one, an Endpoints object any number.</summary>
    public EquatableArray<EndpointSubset> Subsets { get; init; }
}

/// <summary>Addresses that serve the same ports.</summary>
/// <param name="Ports">The ports, by the name of the Service port.</param>
/// <param name="Endpoints">The addresses.</param>
public sealed record EndpointSubset(EquatableArray<EndpointPort> Ports, EquatableArray<Endpoint> Endpoints);

/// <summary>A port that endpoints serve.</summary>
/// <param name="Name">Name of the Service port it belongs to; empty when the Service has one unnamed port.</param>
/// <param name="Port">Number.</param>
/// <param name="Transport">TCP, UDP or SCTP.</param>
public sealed record EndpointPort(string Name, int Port, string Transport = "TCP");

/// <summary>One address behind a Service.</summary>
/// <param name="Address">IPv4 or IPv6.</param>
public sealed record Endpoint(string Address)
{
    /// <summary>Whether it takes traffic. An unknown condition counts as ready, as in Kubernetes.</summary>
    public bool Ready { get; init; } = true;

    /// <summary>The pod's own name inside a headless service; empty when it has none.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>Zone, or empty.</summary>
    public string Zone { get; init; } = "";

    /// <summary>Name of the pod in the Service's namespace; empty when the address is no pod's.</summary>
    public string Pod { get; init; } = "";
}
