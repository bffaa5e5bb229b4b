using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Printing;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>An object seen as a number of replicas: where it keeps it, and what selects them.</summary>
internal static class ScaleView
{
    private static readonly string[] Shown = ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"];

    public static JsonObject Of(ResourceKind kind, JsonObject value)
    {
        var scale = kind.Custom?.Scale;
        var status = new JsonObject { ["replicas"] = JsonPath.Find(value, scale?.Text("statusReplicasPath") ?? ".status.replicas")?.DeepClone() ?? 0 };
        if (Selector(scale, value) is { Length: > 0 } selector)
        {
            status["selector"] = selector;
        }

        var metadata = value.Metadata();
        return new()
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = new JsonObject(Shown
                .Where(field => metadata[field] is not null).Select(field => KeyValuePair.Create(field, metadata[field]?.DeepClone()))),
            ["spec"] = new JsonObject { ["replicas"] = JsonPath.Find(value, Path(kind))?.DeepClone() ?? 0 },
            ["status"] = status,
        };
    }

    /// <summary>The object with the number of replicas a scale asks for.</summary>
    public static JsonObject Apply(ResourceKind kind, JsonObject value, JsonObject scale)
    {
        var replicas = scale.Object("spec")?.Number("replicas") ?? 0;
        if (replicas < 0)
        {
            throw Refusal.Invalid("autoscaling", "Scale", value.Name(), [FieldError.Invalid("spec.replicas", replicas, "must be greater than or equal to 0")]);
        }

        var copy = value.Copy();
        var at = copy;
        var steps = Path(kind).Split('.', StringSplitOptions.RemoveEmptyEntries);
        foreach (var step in steps[..^1])
        {
            if (at[step] is not JsonObject next)
            {
                at[step] = next = [];
            }

            at = next;
        }

        at[steps[^1]] = replicas;
        if (scale.Metadata().Text("resourceVersion") is { } version)
        {
            copy["metadata"]!["resourceVersion"] = version;
        }

        return copy;
    }

    private static string Path(ResourceKind kind) => kind.Custom?.Scale?.Text("specReplicasPath") ?? ".spec.replicas";

    private static string? Selector(JsonObject? scale, JsonObject value)
    {
        if (scale is not null)
        {
            return scale.Text("labelSelectorPath") is { } path ? JsonPath.Find(value, path).AsText() : null;
        }

        var selector = value.Object("spec")?.Object("selector");
        return string.Join(',', (selector?.Object("matchLabels") ?? selector ?? []).Select(label => $"{label.Key}={label.Value}"));
    }
}
