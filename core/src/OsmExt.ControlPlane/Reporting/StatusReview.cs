using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
using OsmExt.Compiler.Policy;
using OsmExt.ControlPlane.OnCluster;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.PluginHost;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;
using OsmExt.Sdk.Status;

namespace OsmExt.ControlPlane.Reporting;

/// <summary>
/// The status of every object that the mesh or a plugin acts upon. It remembers since when conditions are what they are. Used by the pipeline's
/// loop only.
/// </summary>
internal sealed class StatusReview(ProgressReport progress, PluginsInForce plugins, IReplicas replicas, CompilerOptions options, TimeProvider time)
{
    // Kinds that count in namespaces of the mesh only.
    private static readonly Dictionary<string, Func<ResourceSnapshot, IEnumerable<Resource>>> Policies = new(StringComparer.Ordinal)
    {
        [nameof(TrafficTarget)] = snapshot => snapshot.All<TrafficTarget>(),
        [nameof(TrafficSplit)] = snapshot => snapshot.All<TrafficSplit>(),
        ["HTTPRouteGroup"] = snapshot => snapshot.All<HttpRouteGroup>(),
        ["TCPRoute"] = snapshot => snapshot.All<TcpRoute>(),
        [nameof(Retry)] = snapshot => snapshot.All<Retry>(),
        [nameof(UpstreamTrafficSetting)] = snapshot => snapshot.All<UpstreamTrafficSetting>(),
    };

    // Kinds of which nothing is in proxies' configuration by itself.
    private static readonly Dictionary<string, Func<ResourceSnapshot, IEnumerable<Resource>>> Others = new(StringComparer.Ordinal)
    {
        [nameof(MeshConfig)] = snapshot => snapshot.All<MeshConfig>(),
        [nameof(MeshRootCertificate)] = snapshot => snapshot.All<MeshRootCertificate>(),
        [nameof(ReferenceGrant)] = snapshot => snapshot.All<ReferenceGrant>(),
    };

    private Dictionary<ResourceKey, ObjectStatus> _known = [];

    /// <summary>Takes over what was known before a restart.</summary>
    public void Recall(IEnumerable<ObjectStatus> before) => _known = before.ToDictionary(status => status.Object);

    /// <summary>Every object's status, in order.</summary>
    public IReadOnlyList<ObjectStatus> Of(MeshState state, IReadOnlyList<Diagnostic> findings)
    {
        var now = time.GetUtcNow();
        ObjectStatus[] all = [.. Subjects(state, findings).Select(Conditions.Of).OrderBy(status => status.Object).Select(made => StatusTimes.Of(made, _known.GetValueOrDefault(made.Object), now))];
        _known = all.ToDictionary(status => status.Object);
        return all;
    }

    private IEnumerable<StatusSubject> Subjects(MeshState state, IReadOnlyList<Diagnostic> findings)
    {
        var (snapshot, monitored) = (state.Snapshot, MonitoredNamespaces.Of(state.Snapshot, options));
        var found = findings.Where(finding => finding.Object is not null).ToLookup(finding => finding.Object!.Value);
        var stated = state.Contributions.Conditions.ToLookup(entry => entry.Condition.Object);
        var (counted, others) = (progress.Of(state), replicas.Others(snapshot).Count);
        var owners = plugins.Current.Plugins.Select(plugin => plugin.Manifest).Concat(plugins.Current.Broken)
            .SelectMany(manifest => manifest.Resources.Select(kind => (kind.Kind, manifest.Id))).ToLookup(entry => entry.Kind, entry => entry.Id, StringComparer.Ordinal);
        var resources = Policies.Values.Concat(Others.Values).SelectMany(all => all(snapshot)).Concat(snapshot.All<PluginResource>()).ToDictionary(resource => resource.Key);
        var unread = found.Where(about => !resources.ContainsKey(about.Key) && IsReported(about.Key.Kind, owners) && about.Any(finding => finding.Severity == Severity.Error)).Select(about => about.Key);
        return resources.Select(entry => (entry.Key, Resource: (Resource?)entry.Value)).Concat(unread.Select(key => (Key: key, Resource: (Resource?)null))).Select(entry => new StatusSubject(entry.Key, entry.Resource)
        {
            IsOutside = Policies.ContainsKey(entry.Key.Kind) && entry.Resource is { } resource && !monitored.Contains(resource),
            Findings = [.. found[entry.Key], .. owners[entry.Key.Kind].SelectMany(id => found[PlacedContribution.PluginKey(id)]).Where(IsFailure)],
            Progress = entry.Key.Kind == nameof(MeshConfig) ? counted.GetValueOrDefault(NamedObjects.MeshConfig, ObjectProgress.None)
                : Others.ContainsKey(entry.Key.Kind) ? null : counted.GetValueOrDefault(entry.Key.ToString(), ObjectProgress.None),
            Stated = [.. stated[entry.Key]],
            OtherReplicas = others,
        });
    }

    private static bool IsReported(string kind, ILookup<string, string> owners) => Policies.ContainsKey(kind) || Others.ContainsKey(kind) || owners.Contains(kind);

    // What keeps a plugin from doing anything with its objects.
    private static bool IsFailure(Diagnostic finding) => finding is { Severity: Severity.Error, Code: DiagnosticCodes.PluginFailed or DiagnosticCodes.PluginNotLoaded };
}
