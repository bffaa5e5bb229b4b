using System.Reflection;
using System.Text.Json.Nodes;
using OsmExt.PluginHost;
using OsmExt.PluginHost.Manifests;
using OsmExt.PluginHost.Schemas;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Testing.Plugins;

/// <summary>Objects with their defaults read the same when they are written down, and what the schema does not allow is refused.</summary>
internal sealed class SchemaRoundTrip(PluginSet set, PluginKind kind)
{
    public string? Problem(IReadOnlyList<PluginResource> objects) => objects.Count == 0
        ? $"No case has an object of kind {kind.Kind}; add one"
        : (Printed() is { } printed ? [printed] : objects.SelectMany(Problems)).FirstOrDefault();

    private string? Printed()
    {
        foreach (var schema in kind.Conversions.Select(other => other.Schema).Prepend(kind.Schema))
        {
            var findings = new Findings(kind.Kind);
            if (findings.Document(SchemaText.Of(schema)) is not { } document || ConfigSchemaReader.Read(document) != schema || !findings.IsUsable)
            {
                return $"A schema of {kind.Kind}, written down, reads differently";
            }
        }

        return null;
    }

    private IEnumerable<string> Problems(PluginResource resource)
    {
        if (Read(resource, Spec(resource)) is var (again, refusal) && (refusal is not null || !resource.Spec.Equals(again?.Spec)))
        {
            yield return $"{resource.Key}, written down with its defaults, reads differently: {refusal ?? again?.Spec.ToString() ?? "there is no object"}";
        }

        if (Typed(resource) is { } typed)
        {
            yield return typed;
        }

        var schema = kind.SchemaOf(resource.Version);
        var wrong = schema.Properties.Select(property => (property.Name, Value: (JsonNode?)Wrong(property.Schema.Type), Why: "with a value of another type"))
            .Concat(schema.Properties.Where(property => property is { Required: true, Schema.Default: null }).Select(property => (property.Name, Value: (JsonNode?)null, Why: "left out")))
            .Concat(schema is { Values: null, IgnoresUnknown: false } ? [("conformanceUnknown", (JsonNode?)1, "which the schema does not name")] : []);
        foreach (var (field, value, why) in wrong)
        {
            var spec = Spec(resource);
            spec.Remove(field);
            if (value is not null)
            {
                spec[field] = value;
            }

            if (Read(resource, spec).Refusal is null)
            {
                yield return $"{resource.Key} is taken although spec.{field} is {why}";
            }
        }
    }

    // As the plugin's code reads it, and written down again.
    private string? Typed(PluginResource resource)
    {
        var name = kind.Conversions.FirstOrDefault(other => other.Version == resource.Version)?.Type ?? kind.Type;
        if (name.Length == 0 || set.Plugins.Select(plugin => plugin.Code?.Find(name)).OfType<Type>().FirstOrDefault() is not { } type)
        {
            return null;
        }

        try
        {
            var value = typeof(ConfigValue).GetMethod(nameof(ConfigValue.As))!.MakeGenericMethod(type).Invoke(resource.Spec, null);
            var written = ConfigValue.Of(TypeValue.Of(value, kind.SchemaOf(resource.Version)));
            return written.Equals(resource.Spec) ? null : $"{resource.Key}, read as {name}, is written as {written} and not as {resource.Spec}";
        }
        catch (TargetInvocationException failure)
        {
            return $"{resource.Key} cannot be read as {name}: {failure.InnerException!.Message}";
        }
    }

    private (PluginResource? Resource, string? Refusal) Read(PluginResource resource, JsonObject spec)
    {
        var snapshot = Manifest.Read(new JsonObject
        {
            ["apiVersion"] = $"{kind.Group}/{resource.Version}",
            ["kind"] = kind.Kind,
            ["metadata"] = new JsonObject { ["name"] = resource.Metadata.Name, ["namespace"] = resource.Metadata.Namespace },
            ["spec"] = spec,
        }.ToJsonString(), set);
        return (snapshot.Find<PluginResource>(resource.Key), snapshot.Diagnostics.FirstOrDefault(finding => finding.Severity == Severity.Error)?.ToString());
    }

    private static JsonObject Spec(PluginResource resource)
    {
        var spec = JsonNode.Parse(resource.Spec.ToString())!.AsObject();
        if (resource.IsLocked)
        {
            spec["lock"] = true;
        }

        if (resource.TargetRef is { } target)
        {
            var written = new JsonObject { ["kind"] = target.Kind };
            if (target.Labels.IsEmpty)
            {
                written["name"] = target.Name;
            }
            else
            {
                written["labels"] = new JsonObject(target.Labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));
            }

            foreach (var (field, value) in new[] { ("namespace", target.Namespace), ("sectionName", target.SectionName), ("service", target.Service) }.Where(entry => entry.Item2.Length > 0))
            {
                written[field] = value;
            }

            if (target.Port is { } port)
            {
                written["port"] = port;
            }

            spec["targetRef"] = written;
        }

        return spec;
    }

    private static JsonNode Wrong(ConfigType type) => type is ConfigType.Object or ConfigType.String ? new JsonArray(1) : new JsonObject { ["wrong"] = "type" };
}
