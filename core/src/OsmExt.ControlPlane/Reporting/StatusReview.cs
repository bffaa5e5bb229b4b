using System.Collections.Immutable;
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
internal sealed class StatusReview(ProgressReport progress, PluginsInForce plugins, IReplicas replicas, ReplicaBoard board, CompilerOptions options, TimeProvider time)
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

    private readonly Dictionary<ResourceKey, KnownStatus> _known = [];
    private KnownStatus[] _order = [];
    private long _round;

    /// <summary>Takes over what was known before a restart.</summary>
    public void Recall(IEnumerable<ObjectStatus> before)
    {
        _known.Clear();
        foreach (var status in before)
        {
            _known[status.Object] = new(status.Object, status);
        }
    }

    /// <summary>Every object's status, in order. Of what is as it was last time the status is the same object.</summary>
    public IReadOnlyList<ObjectStatus> Of(MeshState state, IReadOnlyList<Diagnostic> findings)
    {
        var (now, count, isNew) = (time.GetUtcNow(), 0, false);
        _round++;
        foreach (var subject in Subjects(state, findings))
        {
            if (!_known.TryGetValue(subject.Object, out var known))
            {
                _known[subject.Object] = known = new(subject.Object, null);
            }

            isNew |= known.Round == 0;
            known.Renew(subject, now, _round);
            count++;
        }

        if (count < _known.Count)
        {
            foreach (var gone in _known.Values.Where(known => known.Round != _round).ToArray())
            {
                _known.Remove(gone.Object);
                isNew = true;
            }
        }

        _order = isNew ? [.. _known.Values.OrderBy(known => known.Object)] : _order;
        return [.. _order.Select(known => known.Status!)];
    }

    private IEnumerable<StatusSubject> Subjects(MeshState state, IReadOnlyList<Diagnostic> findings)
    {
        var (snapshot, monitored) = (state.Snapshot, MonitoredNamespaces.Of(state.Snapshot, options));
        var found = findings.Where(finding => finding.Object is not null).ToLookup(finding => finding.Object!.Value);
        var stated = state.Contributions.Conditions.ToLookup(entry => entry.Condition.Object);
        var (counted, reports) = (progress.Of(state), board.Reports.Values.Select(report => report.Objects).OfType<IReadOnlyDictionary<string, ObjectShare>>().ToArray());
        var others = replicas.Others(snapshot).Count(other => board.Reports.GetValueOrDefault(other)?.Objects is null);
        var owners = plugins.Current.Plugins.Select(plugin => plugin.Manifest).Concat(plugins.Current.Broken)
            .SelectMany(manifest => manifest.Resources.Select(kind => (kind.Kind, manifest.Id))).ToLookup(entry => entry.Kind, entry => entry.Id, StringComparer.Ordinal);
        var failures = owners.ToDictionary(kind => kind.Key, kind => kind.SelectMany(id => found[PlacedContribution.PluginKey(id)]).Where(IsFailure).ToArray(), StringComparer.Ordinal);
        var unread = found.Where(about => snapshot.Find(about.Key) is null && IsReported(about.Key.Kind, owners) && about.Any(finding => finding.Severity == Severity.Error)).Select(about => about.Key);
        return Policies.Values.Concat(Others.Values).SelectMany(all => all(snapshot)).Concat(snapshot.All<PluginResource>()).Select(resource => Subject(resource.Key, resource)).Concat(unread.Select(key => Subject(key, null)));

        StatusSubject Subject(ResourceKey key, Resource? resource)
        {
            var name = _known.TryGetValue(key, out var known) ? known.Name : key.ToString();
            return new(key, resource)
            {
                IsOutside = resource is not null && Policies.ContainsKey(key.Kind) && !monitored.Contains(resource),
                Findings = found.Contains(key) || failures.ContainsKey(key.Kind) ? [.. found[key], .. failures.GetValueOrDefault(key.Kind, [])] : [],
                Progress = resource is null || reports.Length == 0 ? ProgressOf(key, name, counted)
                    : reports.Aggregate(ProgressOf(key, name, counted), (sum, report) => sum?.With(report.GetValueOrDefault(name), resource.Metadata.Generation)),
                Stated = stated.Contains(key) ? [.. stated[key]] : [],
                OtherReplicas = others,
            };
        }
    }

    /// <summary>How far each object that has been read has come at the proxies of this replica.</summary>
    public ImmutableDictionary<string, ObjectShare> Shares(MeshState state)
    {
        var counted = progress.Of(state);
        return Policies.Values.Concat(Others.Values).SelectMany(all => all(state.Snapshot)).Concat(state.Snapshot.All<PluginResource>()).Select(resource => (resource, Progress: ProgressOf(resource.Key, resource.Key.ToString(), counted)))
            .Where(entry => entry.Progress is not null)
            .ToImmutableDictionary(entry => entry.resource.Key.ToString(), entry => new ObjectShare(entry.resource.Metadata.Generation, entry.Progress!), StringComparer.Ordinal);
    }

    private static ObjectProgress? ProgressOf(ResourceKey key, string name, IReadOnlyDictionary<string, ObjectProgress> counted)
        => key.Kind == nameof(MeshConfig) ? counted.GetValueOrDefault(NamedObjects.MeshConfig, ObjectProgress.None)
            : Others.ContainsKey(key.Kind) ? null : counted.GetValueOrDefault(name, ObjectProgress.None);

    private static bool IsReported(string kind, ILookup<string, string> owners) => Policies.ContainsKey(kind) || Others.ContainsKey(kind) || owners.Contains(kind);

    // What keeps a plugin from doing anything with its objects.
    private static bool IsFailure(Diagnostic finding) => finding is { Severity: Severity.Error, Code: DiagnosticCodes.PluginFailed or DiagnosticCodes.PluginNotLoaded };
}
