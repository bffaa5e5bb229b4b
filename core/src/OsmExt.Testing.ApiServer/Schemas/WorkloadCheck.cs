using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Schemas;

/// <summary>What is easily wrong about Deployments and their like, and cannot be mended afterwards: which pods are theirs.</summary>
internal static class WorkloadCheck
{
    private static readonly string[] Kinds = ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"];

    public static IEnumerable<FieldError> Of(JsonObject? old, JsonObject value)
    {
        if (!Kinds.Contains(value.Text("kind")) || value.Object("spec") is not { } spec)
        {
            yield break;
        }

        if (spec.Object("selector") is not { } selector)
        {
            yield return FieldError.Required("spec.selector");
        }
        else if (spec.Object("template")?.Object("metadata")?.Object("labels") is var labels && !LabelSelector.Of(selector).MatchesLabels(labels))
        {
            yield return FieldError.Invalid("spec.template.metadata.labels", labels ?? [], "`selector` does not match template `labels`");
        }

        if (old?.Object("spec")?["selector"] is { } before && !JsonNode.DeepEquals(before, spec["selector"]))
        {
            yield return FieldError.Invalid("spec.selector", spec["selector"], "field is immutable");
        }
    }
}
