using System.Text.Json.Nodes;
using OsmExt.Envoy;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler;

/// <summary>
/// A mesh as one document: <c>diagnostics</c>, and under <c>proxies</c> each pod's <c>listeners</c>, <c>routes</c>,
/// <c>clusters</c>, <c>endpoints</c> and <c>secrets</c> in Envoy's own field names, secrets redacted; for a proxy that takes them by
/// themselves, <c>virtual_hosts</c> too; and where plugins add to what a proxy starts with, that as <c>bootstrap</c>, with the <c>bootstrap_objects</c> behind it. Scripts read it, so its shape is kept.
/// </summary>
internal static class MeshDocument
{
    private static readonly (string Section, string TypeUrl)[] Sections =
    [
        ("listeners", TypeUrls.Listener), ("routes", TypeUrls.Route), ("clusters", TypeUrls.Cluster),
        ("endpoints", TypeUrls.Endpoint), ("secrets", TypeUrls.Secret),
    ];

    public static JsonObject Of(OfflineMesh mesh, IEnumerable<Proxy> proxies, ProxyCapabilities? capabilities = null)
    {
        var diagnostics = new SortedSet<Diagnostic>(mesh.Diagnostics);
        var sections = new JsonObject();
        foreach (var proxy in proxies)
        {
            var translation = mesh.Translate(proxy, capabilities);
            diagnostics.UnionWith(translation.Diagnostics);
            var section = Of(translation.Resources);
            if (translation.Bootstrap is { Objects.IsEmpty: false } bootstrap)
            {
                section["bootstrap"] = EnvoyJson.ToNode(bootstrap.Message);
                section["bootstrap_objects"] = new JsonArray([.. bootstrap.Objects.Select(name => (JsonNode)name)]);
            }

            sections[$"{proxy.Pod.Namespace}/{proxy.Pod.Name}"] = section;
        }

        return new() { ["diagnostics"] = Of(diagnostics), ["proxies"] = sections };
    }

    /// <summary>Resources by section, sorted by name, secrets redacted.</summary>
    public static JsonObject Of(IEnumerable<XdsResource> resources)
    {
        var all = resources.ToArray();
        var result = new JsonObject();
        foreach (var (section, typeUrl) in Sections)
        {
            result[section] = new JsonArray([.. all
                .Where(resource => string.Equals(resource.TypeUrl, typeUrl, StringComparison.Ordinal))
                .OrderBy(resource => resource.Name, StringComparer.Ordinal)
                .Select(resource => EnvoyJson.ToNode(Redaction.Of(resource.Message)))]);
        }

        var separate = all.Where(resource => string.Equals(resource.TypeUrl, TypeUrls.VirtualHost, StringComparison.Ordinal)).ToArray();
        if (separate.Length > 0)
        {
            result["virtual_hosts"] = new JsonArray([.. separate.OrderBy(resource => resource.Name, StringComparer.Ordinal).Select(resource => EnvoyJson.ToNode(Redaction.Of(resource.Message)))]);
        }

        return result;
    }

    public static JsonArray Of(IEnumerable<Diagnostic> diagnostics) => new([.. diagnostics.Select(Of)]);

    private static JsonObject Of(Diagnostic diagnostic)
    {
        var result = new JsonObject
        {
            ["code"] = diagnostic.Code,
            ["severity"] = diagnostic.Severity.ToString().ToLowerInvariant(),
            ["object"] = diagnostic.Object?.ToString() ?? "",
            ["field"] = diagnostic.Field,
            ["message"] = diagnostic.Message,
            ["advice"] = diagnostic.Advice,
        };
        if (diagnostic.Location is { } location)
        {
            result["file"] = location.File;
            result["line"] = location.Line;
        }

        return result;
    }
}
