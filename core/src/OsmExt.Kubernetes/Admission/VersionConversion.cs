using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using OsmExt.Kubernetes.Injection;
using OsmExt.Kubernetes.Models;
using OsmExt.Kubernetes.Views;

namespace OsmExt.Kubernetes.Admission;

/// <summary>
/// Converts objects between the versions of their kind. Nothing is lost: what an older version has no field for travels in an annotation and comes
/// back with the newer version. Without that, whoever reads a TrafficSplit in an old version and writes it back would drop the condition it is under.
/// </summary>
internal static class VersionConversion
{
    public const string Kept = "openservicemesh.io/fields-of-other-versions";
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<Newer>> FieldsOf = [];

    /// <summary>The object in another version; or why not.</summary>
    /// <param name="source">Stays as it is.</param>
    /// <param name="apiVersion">The version that is asked for, with its group.</param>
    public static (JsonObject? Converted, string? Problem) Convert(JsonObject source, string apiVersion)
    {
        var (from, kind) = (PodObject.Text(source, "apiVersion"), PodObject.Text(source, "kind"));
        var known = ResourceKinds.All.FirstOrDefault(candidate => candidate.Kind == kind && candidate.Versions.Any(version => candidate.ApiVersion(version) == from));
        if (known is null)
        {
            return (null, $"{Shown(kind)} of {Shown(from)} is not converted here");
        }

        if (known.Versions.FirstOrDefault(version => known.ApiVersion(version) == apiVersion) is not { } target)
        {
            return (null, $"{kind} has no version {Shown(apiVersion)}; it has {string.Join(", ", known.Versions.Select(known.ApiVersion))}");
        }

        var result = (JsonObject)source.DeepClone();
        result["apiVersion"] = apiVersion;
        Restore(result);
        var kept = new JsonObject();
        foreach (var field in FieldsOf.GetOrAdd(known.Model, NewerFields).Where(field => IsOlder(target, field.Since, known)))
        {
            Take(result, field, kept);
        }

        if (kept.Count > 0)
        {
            Annotations(result)[Kept] = kept.ToJsonString();
        }

        return (result, null);
    }

    // Versions are listed newest first.
    private static bool IsOlder(string target, string since, ResourceKind kind) => Array.IndexOf(kind.Versions, target) > Array.IndexOf(kind.Versions, since);

    private static void Take(JsonObject root, Newer field, JsonObject kept)
    {
        var parent = field.Path[..^1].Aggregate((JsonObject?)root, PodObject.Child);
        if (parent?[field.Path[^1]] is { } value)
        {
            parent.Remove(field.Path[^1]);
            kept[string.Join('.', field.Path)] = value;
        }
    }

    // Whoever set the field in the newer version since counts before what was kept.
    private static void Restore(JsonObject root)
    {
        if (PodObject.Child(PodObject.Child(root, "metadata"), "annotations") is not { } annotations || PodObject.Text(annotations, Kept) is not { Length: > 0 } text)
        {
            return;
        }

        annotations.Remove(Kept);
        if (annotations.Count == 0)
        {
            PodObject.Child(root, "metadata")!.Remove("annotations");
        }

        foreach (var (path, value) in Read(text))
        {
            var names = path.Split('.');
            var parent = root;
            foreach (var name in names[..^1])
            {
                if (parent[name] is not JsonObject child)
                {
                    parent[name] = child = [];
                }

                parent = child;
            }

            if (!parent.ContainsKey(names[^1]))
            {
                parent[names[^1]] = value?.DeepClone();
            }
        }
    }

    // Anybody may write annotations: only fields below spec count.
    private static IEnumerable<KeyValuePair<string, JsonNode?>> Read(string text)
    {
        try
        {
            return (JsonNode.Parse(text) as JsonObject ?? []).Where(entry => entry.Key.StartsWith("spec.", StringComparison.Ordinal));
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static JsonObject Annotations(JsonObject root)
    {
        if (root["metadata"] is not JsonObject metadata)
        {
            root["metadata"] = metadata = [];
        }

        if (metadata["annotations"] is not JsonObject annotations)
        {
            metadata["annotations"] = annotations = [];
        }

        return annotations;
    }

    private static List<Newer> NewerFields(Type model)
    {
        var found = new List<Newer>();
        Visit(model, []);
        return found;

        void Visit(Type type, string[] path)
        {
            foreach (var property in type.GetProperties().Where(property => property.GetCustomAttribute<JsonPropertyNameAttribute>() is not null))
            {
                string[] at = [.. path, property.GetCustomAttribute<JsonPropertyNameAttribute>()!.Name];
                if (property.GetCustomAttribute<SinceAttribute>() is { } since)
                {
                    found.Add(new(at, since.Version));
                }
                else if (property.PropertyType.Assembly == typeof(SinceAttribute).Assembly)
                {
                    Visit(property.PropertyType, at);
                }
            }
        }
    }

    private static string Shown(string text) => Yaml.YamlScalar.Quote(text);

    /// <summary>A field that came with a later version.</summary>
    /// <param name="Path">Its place.</param>
    /// <param name="Since">The version.</param>
    private sealed record Newer(string[] Path, string Since);
}
