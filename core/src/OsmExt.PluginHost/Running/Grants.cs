using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;
using OsmExt.Yaml;

namespace OsmExt.PluginHost.Running;

/// <summary>What ReferenceGrants let objects name in other namespaces. Whatever none of them allows is not allowed.</summary>
internal sealed class Grants(ResourceSnapshot snapshot)
{
    private const string Field = "spec.targetRef.namespace";

    private readonly ILookup<string, ReferenceGrant> _byNamespace = snapshot.All<ReferenceGrant>().ToLookup(grant => grant.Metadata.Namespace, StringComparer.Ordinal);

    /// <summary>Says what would have to be granted; null when the object may name what it names.</summary>
    public Diagnostic? Finding(PluginResource resource)
        => Missing(resource) is not { Count: > 0 } missing ? null : new(DiagnosticCodes.ReferenceNotGranted, Severity.Error, resource.Key, Field,
            $"No ReferenceGrant of namespace {resource.TargetNamespace} lets {resource.Kind} objects of namespace {resource.Metadata.Namespace} name {string.Join(" and ", missing.Select(Words))} there, so this object does not count",
            $"Have it written there: {Yaml(resource, missing)}");

    private IReadOnlyList<GrantTo> Missing(PluginResource resource)
    {
        if (!resource.AimsElsewhere)
        {
            return [];
        }

        var from = new GrantFrom(resource.Group, resource.Kind, resource.Metadata.Namespace);
        return [.. Named(resource.TargetRef!).Where(to => !_byNamespace[resource.TargetNamespace].Any(grant => grant.Allows(from, to.Group, to.Kind, to.Name.Length == 0 ? null : to.Name)))];
    }

    // Pods are meant by labels, so only who may name all of them may.
    private static IEnumerable<GrantTo> Named(TargetReference target) => target.Kind switch
    {
        TargetReference.Routes when target.Service.Length > 0 => [new("specs.smi-spec.io", target.Kind, target.Name), new("", "Service", target.Service)],
        TargetReference.Routes => [new("specs.smi-spec.io", target.Kind, target.Name)],
        _ => [new("", target.Kind, target.Name)],
    };

    private static string Words(GrantTo to) => to.Name.Length == 0 ? $"each {to.Kind}" : $"{to.Kind} {to.Name}";

    // On one line, to be copied as it stands.
    private static string Yaml(PluginResource resource, IEnumerable<GrantTo> missing)
        => $"{{apiVersion: gateway.networking.k8s.io/v1beta1, kind: ReferenceGrant, metadata: {{name: from-{resource.Metadata.Namespace}, namespace: {resource.TargetNamespace}}}, "
            + $"spec: {{from: [{{group: {Scalar(resource.Group)}, kind: {resource.Kind}, namespace: {resource.Metadata.Namespace}}}], "
            + $"to: [{string.Join(", ", missing.Select(to => $"{{group: {Scalar(to.Group)}, kind: {to.Kind}{(to.Name.Length == 0 ? "" : $", name: {to.Name}")}}}"))}]}}}}";

    private static string Scalar(string text) => text.Length == 0 ? YamlScalar.Quote(text) : text;
}
