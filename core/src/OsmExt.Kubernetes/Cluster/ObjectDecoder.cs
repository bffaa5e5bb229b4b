using System.Text.Json;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>Reads a server's objects of one kind, in one version, exactly as manifests are read.</summary>
internal sealed class ObjectDecoder(ResourceKind kind, string version, TextPool texts)
{
    private readonly FieldFilter _filter = FieldFilter.For(kind);

    // What nobody may see is not kept in a pool.
    private readonly JsonTree _tree = new(kind.HidesValues ? null : texts);

    public ResourceKey KeyOf(ApiObject found) => new(kind.Kind, kind.IsNamespaced ? found.Namespace : "", found.Name);

    /// <summary>The object, or null when it cannot be used, and what is wrong with it.</summary>
    public (Resource? Resource, IReadOnlyList<Diagnostic> Findings) Read(ApiObject found)
    {
        var findings = new List<Diagnostic>();
        try
        {
            var (_, _, resource) = new ObjectReader(kind, version, _tree.Read(found.Json.Span, _filter), _ => null).Decode(findings);
            return (resource, findings.Count == 0 ? [] : findings);
        }
        catch (JsonException)
        {
            findings.Add(new(DiagnosticCodes.Syntax, Severity.Error, KeyOf(found), "", "The API server sends something that is no object", "Look at it with kubectl get -o json"));
            return (null, findings);
        }
    }
}
