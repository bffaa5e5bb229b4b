using OsmExt.Compiler.Policy;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;
using OsmExt.Yaml;

namespace OsmExt.Cli.Commands;

/// <summary>A pod as people write it on the command line: <c>NAMESPACE/POD</c>.</summary>
internal static class PodArgument
{
    /// <summary>The pod's proxy, or null.</summary>
    public static Proxy? Find(string written, MeshProxies proxies)
        => written.Split('/') is [{ Length: > 0 } ns, { Length: > 0 } name] ? proxies.Find(new(nameof(Pod), ns, name)) : null;

    /// <summary>Why there is none, and what there is.</summary>
    public static string Explain(string written, MeshProxies proxies, IEnumerable<Diagnostic> findings)
    {
        if (findings.FirstOrDefault(finding => finding is { Severity: Severity.Error, Object: { Kind: nameof(Pod) } pod }
            && $"{pod.Namespace}/{pod.Name}" == written) is { } fault)
        {
            return $"the pod cannot be used: {fault}";
        }

        var known = proxies.All.Select(proxy => $"{proxy.Pod.Namespace}/{proxy.Pod.Name}").ToArray();
        var closest = Suggestion.Closest(written, known);
        return written.Split('/').Length != 2 ? $"\"{written}\" does not name a pod; write NAMESPACE/POD"
            : closest is not null ? $"the mesh has no proxy for pod {written}; did you mean {closest}?"
            : known.Length == 0 ? $"the mesh has no proxy for pod {written}, nor for any other: see the diagnostics of osm translate"
            : $"the mesh has no proxy for pod {written}; there are {string.Join(", ", known.Take(10))}{(known.Length > 10 ? ", ..." : "")}";
    }
}
