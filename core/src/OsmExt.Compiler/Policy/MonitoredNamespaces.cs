using System.Collections.Frozen;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>Which namespaces are part of the mesh. Objects elsewhere are as if they did not exist.</summary>
internal sealed class MonitoredNamespaces
{
    private readonly FrozenDictionary<string, Namespace> _namespaces;

    private MonitoredNamespaces(FrozenDictionary<string, Namespace> namespaces) => _namespaces = namespaces;

    public static MonitoredNamespaces Of(ResourceSnapshot snapshot, CompilerOptions options)
        => new(snapshot.All<Namespace>()
            .Where(ns => string.Equals(ns.Metadata.Labels[Labels.MonitoredBy], options.MeshName, StringComparison.Ordinal))
            .ToFrozenDictionary(ns => ns.Metadata.Name, StringComparer.Ordinal));

    public int Count => _namespaces.Count;

    public Namespace? this[string name] => _namespaces.GetValueOrDefault(name);

    public bool Contains(Resource resource) => _namespaces.ContainsKey(resource.Metadata.Namespace);

    public IEnumerable<T> All<T>(ResourceSnapshot snapshot)
        where T : Resource
        => snapshot.All<T>().Where(Contains);

    /// <summary>Says which policy and service objects are not looked at, once per namespace and kind, so that a forgotten label is found.</summary>
    public void ReportOutsiders(ResourceSnapshot snapshot, CompilerOptions options, DiagnosticBag diagnostics)
    {
        Report<Service>();
        Report<TrafficTarget>();
        Report<TrafficSplit>();
        Report<Retry>();
        Report<UpstreamTrafficSetting>();

        void Report<T>()
            where T : Resource
        {
            foreach (var group in snapshot.All<T>().Where(resource => !Contains(resource)).GroupBy(resource => resource.Metadata.Namespace, StringComparer.Ordinal))
            {
                if (string.Equals(group.Key, options.OsmNamespace, StringComparison.Ordinal) || group.Key.StartsWith("kube-", StringComparison.Ordinal))
                {
                    continue;
                }

                diagnostics.Warning(DiagnosticCodes.IgnoredObject, group.First(), "metadata.namespace",
                    $"namespace {group.Key} is not part of mesh {options.MeshName}, so its {group.First().Kind} objects are ignored",
                    $"Label the namespace {Labels.MonitoredBy}={options.MeshName}");
            }
        }
    }
}
