using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Resources;

namespace OsmExt.Sdk.Ir;

/// <summary>
/// One port of one service: the unit that owns a cluster and an endpoint set.
/// </summary>
/// <param name="Name">The service.</param>
/// <param name="Port">What clients dial.</param>
/// <param name="TargetPort">What the pods listen on; 0 while nobody knows.</param>
/// <param name="Protocol">How it is carried.</param>
public sealed record MeshService(ServiceName Name, int Port, int TargetPort, AppProtocol Protocol)
{
    /// <summary>The port's name in the Service object; endpoints are matched by it. Empty for a single unnamed port.</summary>
    public string PortName { get; init; } = "";

    /// <summary>The addresses clients dial: virtual addresses, or the pods' own for a headless service.</summary>
    public EquatableArray<string> Addresses { get; init; }

    /// <summary>The identities its pods run as, sorted. A client accepts only these. Empty means nobody can answer for it.</summary>
    public EquatableArray<WorkloadIdentity> Identities { get; init; }

    /// <summary>Where its traffic goes by weight; empty means to itself.</summary>
    public EquatableArray<WeightedBackend> Split { get; init; }

    /// <summary>The objects <see cref="Split"/> was made from: the TrafficSplit, or a plugin and its object.</summary>
    public EquatableArray<ResourceKey> SplitOrigins { get; init; }

    /// <summary>Where single requests go by weight: the first that means a request counts, and all others go as <see cref="Split"/> says.</summary>
    public EquatableArray<RequestSplit> RequestSplits { get; init; }

    /// <summary>Whether any of its traffic goes by weight.</summary>
    public bool IsSplit => !Split.IsEmpty || !RequestSplits.IsEmpty;

    /// <summary>All services that its traffic goes to by weight; one may be there several times.</summary>
    public IEnumerable<WeightedBackend> Backends => Split.Concat(RequestSplits.SelectMany(split => split.Backends));

    /// <summary>Services whose split sends traffic here under their own host name, sorted.</summary>
    public EquatableArray<SplitRoot> SplitRoots { get; init; }

    /// <summary>How clients treat it and how much it takes.</summary>
    public UpstreamSettings Upstream { get; init; } = UpstreamSettings.None;

    /// <summary>The object that says so; null for none.</summary>
    public ResourceKey? UpstreamOrigin { get; init; }

    /// <summary>Name of its cluster and endpoint set: <c>NAMESPACE/NAME|TARGET-PORT</c>.</summary>
    public string Cluster => $"{Name}|{TargetPort}";

    /// <summary>Name of the cluster a proxy of its pods sends received traffic to: <c>NAMESPACE/NAME|TARGET-PORT|local</c>.</summary>
    public string LocalCluster => $"{Cluster}|local";
}

/// <summary>A share of a split.</summary>
/// <param name="Service">The backend.</param>
/// <param name="Port">The backend's service port.</param>
/// <param name="TargetPort">The backend's target port.</param>
/// <param name="Weight">Relative to the sum over the split; 0 sends nothing.</param>
public sealed record WeightedBackend(ServiceName Service, int Port, int TargetPort, int Weight)
{
    /// <summary>The backend's cluster.</summary>
    public string Cluster => $"{Service}|{TargetPort}";
}

/// <summary>Where some requests to a service go.</summary>
/// <param name="Matches">Which requests; one of these is enough.</param>
/// <param name="Backends">Where they go, by weight.</param>
/// <param name="Origins">The objects it was made from.</param>
public sealed record RequestSplit(EquatableArray<HttpRouteMatch> Matches, EquatableArray<WeightedBackend> Backends, EquatableArray<ResourceKey> Origins);

/// <summary>A root service of a split, seen from a backend.</summary>
/// <param name="Service">The root.</param>
/// <param name="Port">The root's service port; clients may write it in the host name.</param>
public sealed record SplitRoot(ServiceName Service, int Port);
