using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Models;

namespace OsmExt.Kubernetes.Crds;

/// <summary>Makes the CustomResourceDefinition of a kind.</summary>
internal static class CustomResourceDefinition
{
    /// <summary>Where the control plane usually is.</summary>
    public const string UsualNamespace = "osm-system";

    /// <summary>The definition of a kind that the mesh itself reads.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="osmNamespace">The namespace of the control plane, which converts between versions. It writes itself by which certificate authority it is known.</param>
    public static JsonObject Of(CustomKind kind, string osmNamespace) => Of(kind, version => new ModelSchema(version).Of(SpecOf(kind.Kind.Model)), osmNamespace);

    /// <summary>The definition of a kind.</summary>
    /// <param name="kind">The kind; its first version is stored.</param>
    /// <param name="spec">The structural schema of <c>spec</c> in a version.</param>
    /// <param name="osmNamespace">The namespace of the control plane.</param>
    public static JsonObject Of(CustomKind kind, Func<string, JsonObject> spec, string osmNamespace) => new()
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new JsonObject
        {
            ["name"] = kind.FullName,
            ["labels"] = new JsonObject { ["app.kubernetes.io/name"] = "openservicemesh.io" },
        },
        ["spec"] = new JsonObject
        {
            ["group"] = kind.Kind.Group,
            ["scope"] = "Namespaced",
            ["names"] = Names(kind),
            ["conversion"] = kind.IsConverted ? Conversion(osmNamespace) : new JsonObject { ["strategy"] = "None" },
            ["versions"] = new JsonArray([.. kind.Kind.Versions.Select((version, i) => (JsonNode)Version(kind, version, isStored: i == 0, spec(version)))]),
        },
    };

    private static JsonObject Conversion(string osmNamespace) => new()
    {
        ["strategy"] = "Webhook",
        ["webhook"] = new JsonObject
        {
            ["conversionReviewVersions"] = new JsonArray("v1"),
            ["clientConfig"] = new JsonObject
            {
                ["service"] = new JsonObject { ["namespace"] = osmNamespace, ["name"] = "osm-validator", ["path"] = "/convert", ["port"] = 9090 },
            },
        },
    };

    private static JsonObject Names(CustomKind kind)
    {
        var names = new JsonObject { ["kind"] = kind.Kind.Kind, ["listKind"] = $"{kind.Kind.Kind}List", ["plural"] = kind.Plural, ["singular"] = kind.Kind.Kind.ToLowerInvariant() };

        // A short name that is the singular would only repeat it.
        if (kind.ShortNames.Where(name => !string.Equals(name, (string?)names["singular"], StringComparison.Ordinal)).Select(name => (JsonNode)name).ToArray() is { Length: > 0 } shortNames)
        {
            names["shortNames"] = new JsonArray(shortNames);
        }

        names["categories"] = new JsonArray("osm");
        return names;
    }

    private static JsonObject Version(CustomKind kind, string name, bool isStored, JsonObject spec)
    {
        var version = new JsonObject { ["name"] = name, ["served"] = true, ["storage"] = isStored };
        if (kind.Deprecated.TryGetValue(name, out var warning))
        {
            version["deprecated"] = true;
            version["deprecationWarning"] = warning;
        }

        version["subresources"] = new JsonObject { ["status"] = new JsonObject() };
        version["additionalPrinterColumns"] = new JsonArray([.. Columns(kind)]);
        version["schema"] = new JsonObject { ["openAPIV3Schema"] = Schema(kind, spec) };
        return version;
    }

    private static JsonObject Schema(CustomKind kind, JsonObject spec)
    {
        var schema = new JsonObject();
        if (kind.Description.Length > 0)
        {
            schema["description"] = kind.Description;
        }

        schema["type"] = "object";
        if (!kind.MayBeEmpty)
        {
            schema["required"] = new JsonArray("spec");
        }

        schema["properties"] = new JsonObject
        {
            ["apiVersion"] = new JsonObject { ["type"] = "string" },
            ["kind"] = new JsonObject { ["type"] = "string" },
            ["metadata"] = new JsonObject { ["type"] = "object" },
            ["spec"] = spec,
            ["status"] = StatusSchema.Create(),
        };
        return schema;
    }

    private static IEnumerable<JsonNode> Columns(CustomKind kind) =>
    [
        .. kind.Columns.Concat([Condition("Accepted"), Condition("Programmed"), ("Age", "date", ".metadata.creationTimestamp")])
            .Select(column => new JsonObject { ["name"] = column.Item1, ["type"] = column.Item2, ["jsonPath"] = column.Item3 }),
        Wide("Proxies", "selected"),
        Wide("Acknowledged", "acknowledged"),
    ];

    // For kubectl get -o wide.
    private static JsonObject Wide(string name, string field) => new() { ["name"] = name, ["type"] = "integer", ["priority"] = 1, ["jsonPath"] = $".status.proxies.{field}" };

    private static (string, string, string) Condition(string type) => (type, "string", $".status.conditions[?(@.type==\"{type}\")].status");

    private static Type SpecOf(Type model)
        => model.BaseType is { IsGenericType: true } parent && parent.GetGenericTypeDefinition() == typeof(CustomObject<>)
            ? parent.GenericTypeArguments[0] : throw new ArgumentException($"{model.Name} has no spec", nameof(model));
}
