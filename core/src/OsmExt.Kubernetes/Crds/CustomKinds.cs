using OsmExt.Kubernetes.Views;

namespace OsmExt.Kubernetes.Crds;

/// <summary>
/// The kinds of OSM and SMI that the mesh itself reads. Plugins bring others (<see cref="ForPlugin"/>); ReferenceGrant is the Gateway API's, and installed with it.
/// </summary>
internal static class CustomKinds
{
    private static readonly string[] Groups = ["config.openservicemesh.io", "policy.openservicemesh.io", "access.smi-spec.io", "specs.smi-spec.io", "split.smi-spec.io"];

    public static IReadOnlyList<CustomKind> All { get; } =
    [
        Of("MeshConfig") with
        {
            ShortNames = ["meshconfig"],
            IsConverted = true,
            MayBeEmpty = true,
            Deprecated = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["v1alpha1"] = "config.openservicemesh.io/v1alpha1 MeshConfig is deprecated; use config.openservicemesh.io/v1alpha2",
            },
            Description = "The settings of a mesh. The object osm-mesh-config in the control plane's namespace counts; others have no effect.",
        },
        Of("MeshRootCertificate") with
        {
            ShortNames = ["mrc"],
            Columns = [("Role", "string", ".spec.role"), ("Trust Domain", "string", ".spec.trustDomain")],
            Description = "A root of the mesh's certificates.",
        },
        Of("Retry") with { ShortNames = ["retry"], Description = "When requests of a service account to services are tried again. Counts while enableRetryPolicy is set in the MeshConfig." },
        Of("UpstreamTrafficSetting") with
        {
            ShortNames = ["upstreamtrafficsetting"],
            Columns = [("Host", "string", ".spec.host")],
            Description = "Connection limits, timeouts, health checks and rate limits of a service.",
        },
        Of("TrafficTarget") with
        {
            ShortNames = ["tt"],
            Columns = [("Destination", "string", ".spec.destination.name")],
            Description = "Which service accounts may reach the pods of a service account, and by which routes.",
        },
        Of("HTTPRouteGroup") with { ShortNames = ["htr"], Description = "Named sets of HTTP requests, for TrafficTargets and TrafficSplits to refer to." },
        Of("TCPRoute") with { ShortNames = ["tr"], Description = "Ports of TCP connections, for TrafficTargets to refer to." },
        Of("TrafficSplit") with
        {
            ShortNames = ["ts"],
            IsConverted = true,
            Columns = [("Service", "string", ".spec.service")],
            Description = "How the requests to a service are shared between services.",
        },
    ];

    /// <summary>A kind that a plugin brings.</summary>
    public static CustomKind ForPlugin(ResourceKind kind, bool isAimed, string description) => new(kind, CustomKind.PluralOf(kind.Kind))
    {
        ShortNames = OsmShortNames.GetValueOrDefault((kind.Group, kind.Kind), []),
        Columns = isAimed ? [("Target Kind", "string", ".spec.targetRef.kind"), ("Target", "string", ".spec.targetRef.name")] : [],
        Description = description,
    };

    // Kinds of OSM that are plugins' here keep what people write for them.
    private static Dictionary<(string Group, string Kind), string[]> OsmShortNames { get; } = new()
    {
        [("policy.openservicemesh.io", "Egress")] = ["egress"],
        [("policy.openservicemesh.io", "IngressBackend")] = ["ingressbackend"],
    };

    private static CustomKind Of(string kind)
        => new(ResourceKinds.All.Single(known => Groups.Contains(known.Group, StringComparer.Ordinal) && string.Equals(known.Kind, kind, StringComparison.Ordinal)), CustomKind.PluralOf(kind));
}
