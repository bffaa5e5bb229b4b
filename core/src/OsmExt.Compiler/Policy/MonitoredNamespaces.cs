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

    /// <summary>Their names, in order.</summary>
    public IEnumerable<string> Names => _namespaces.Keys.Order(StringComparer.Ordinal);

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
            foreach (var ns in snapshot.NamespacesWith<T>().Where(ns => !_namespaces.ContainsKey(ns)))
            {
                if (string.Equals(ns, options.OsmNamespace, StringComparison.Ordinal) || ns.StartsWith("kube-", StringComparison.Ordinal))
                {
                    continue;
                }

                var first = snapshot.In<T>(ns).Values.First();
                diagnostics.Warning(DiagnosticCodes.IgnoredObject, first, "metadata.namespace",
                    $"namespace {ns} is not part of mesh {options.MeshName}, so its {first.Kind} objects are ignored",
                    $"Label the namespace {Labels.MonitoredBy}={options.MeshName}");
            }
        }
    }
}
