using OsmExt.Kubernetes.Views;
using OsmExt.Yaml;

namespace OsmExt.Kubernetes.Manifests;

/// <summary>
/// Tells, from apiVersion and kind, an object the mesh reads from one that is none of its business and from one that was meant
/// for the mesh and misspelt.
/// </summary>
internal static class KindLookup
{
    private static readonly string[] OwnGroupEndings = ["openservicemesh.io", "smi-spec.io"];

    // Kinds of the mesh's own groups that belong to other parts of it, or to OSM only.
    private static readonly (string Group, string Kind)[] OtherOwnKinds =
    [
        ("config.openservicemesh.io", "ExtensionService"), ("config.openservicemesh.io", "MultiClusterService"),
        ("policy.openservicemesh.io", "Egress"),
        ("policy.openservicemesh.io", "IngressBackend"), ("policy.openservicemesh.io", "Retry"),
        ("policy.openservicemesh.io", "UpstreamTrafficSetting"), ("policy.openservicemesh.io", "Telemetry"),
        ("specs.smi-spec.io", "UDPRoute"), ("metrics.smi-spec.io", "TrafficMetrics"),
    ];

    // The kinds of the Kubernetes groups in which the mesh reads some: what is not among them is a misspelling.
    private static readonly (string Group, string Kind)[] OtherKubernetesKinds =
    [
        .. new[]
        {
            "Binding", "ComponentStatus", "ConfigMap", "Event", "LimitRange", "Node", "PersistentVolume", "PersistentVolumeClaim", "PodTemplate",
            "ReplicationController", "ResourceQuota", "Secret", "Status",
        }.Select(kind => ("", kind)),
        ("apps", "ControllerRevision"), ("batch", "CronJob"),
        .. new[]
        {
            "BackendLBPolicy", "BackendTLSPolicy", "GRPCRoute", "Gateway", "GatewayClass", "HTTPRoute", "ListenerSet", "TCPRoute", "TLSRoute", "UDPRoute",
        }.Select(kind => ("gateway.networking.k8s.io", kind)),
    ];

    /// <summary>The kind and version to read an object as; or what is wrong; or neither, when the object is not for the mesh.</summary>
    public static (ResourceKind? Kind, string Version, KindProblem? Problem) Find(string apiVersion, string kind, PluginKinds plugins)
    {
        var slash = apiVersion.LastIndexOf('/');
        var (group, version) = slash <= 0 ? ("", apiVersion) : (apiVersion[..slash], apiVersion[(slash + 1)..]);
        var known = ResourceKinds.All.Concat(plugins.All).FirstOrDefault(candidate => Same(candidate.Group, group) && Same(candidate.Kind, kind));
        if (known is not null)
        {
            return known.Versions.Contains(version, StringComparer.Ordinal)
                ? (known, version, null)
                : (null, version, new("apiVersion", $"The mesh does not read {kind} in version {YamlScalar.Quote(version)}",
                    $"Use apiVersion {string.Join(" or ", known.Versions.Select(known.ApiVersion))}"));
        }

        if (OtherKubernetesKinds.Concat(OtherOwnKinds).Contains((group, kind)))
        {
            return (null, version, null);
        }

        if (!IsKnown(group) && plugins.InGroup(group) is { Length: > 0 } others)
        {
            return (null, version, new("kind", $"There is no {YamlScalar.Quote(kind)} in {Describe(group)}", Suggestion.Closest(kind, others) is { } meant
                ? $"Did you mean \"{meant}\"" : $"Its kinds are {string.Join(", ", others)}"));
        }

        return (null, version, Problem(group, kind));
    }

    private static KindProblem? Problem(string group, string kind)
    {
        // A kind of the mesh's own, or of a group it knows, under a group that is nearly right.
        var namesake = ResourceKinds.All.FirstOrDefault(candidate => Same(candidate.Kind, kind));
        if (namesake is not null && !IsKnown(group) && (IsOwn(namesake.Group) || IsNearly(group, namesake.Group)))
        {
            return new("apiVersion", $"There is no {kind} in {Describe(group)}",
                $"Did you mean apiVersion {namesake.ApiVersion(namesake.Versions[0])}");
        }

        if (!IsOwn(group) && !IsKnown(group))
        {
            return null;
        }

        if (namesake is not null)
        {
            return new("apiVersion", $"There is no {kind} in {Describe(group)}", $"Use apiVersion {namesake.ApiVersion(namesake.Versions[0])}");
        }

        var kinds = AllKinds().Where(candidate => Same(candidate.Group, group)).Select(candidate => candidate.Kind).ToList();
        var advice = Suggestion.Closest(kind, kinds) is { } meant ? $"Did you mean \"{meant}\""
            : kinds.Count > 0 ? $"Its kinds are {string.Join(", ", kinds.Order(StringComparer.Ordinal))}"
            : $"The groups of the mesh are {string.Join(", ", AllKinds().Select(candidate => candidate.Group).Where(IsOwn).Distinct().Order(StringComparer.Ordinal))}";
        return new("kind", $"There is no {YamlScalar.Quote(kind)} in {Describe(group)}", advice);
    }

    private static IEnumerable<(string Group, string Kind)> AllKinds()
        => ResourceKinds.All.Select(kind => (kind.Group, kind.Kind)).Concat(OtherKubernetesKinds).Concat(OtherOwnKinds);

    private static string Describe(string group) => group.Length == 0 ? "the core group" : $"the group {YamlScalar.Quote(group)}";

    private static bool IsOwn(string group)
        => OwnGroupEndings.Any(ending => Same(group, ending) || group.EndsWith($".{ending}", StringComparison.Ordinal));

    private static bool IsKnown(string group) => AllKinds().Any(candidate => Same(candidate.Group, group));

    private static bool IsNearly(string group, string known) => group.Length > 0 && known.Length > 0 && Suggestion.Closest(group, [known]) is not null;

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.Ordinal);
}

/// <summary>Why an object's apiVersion or kind cannot be what its writer meant.</summary>
internal sealed record KindProblem(string Field, string Message, string Advice);
