using System.Text.Json.Nodes;

namespace OsmExt.Kubernetes.Crds;

/// <summary>The status that all kinds have in common, and what OSM's own have besides.</summary>
internal static class StatusSchema
{
    private const string Conditions = """
        {
          "description": "How far the object has come.", "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"], "maxItems": 16,
          "items": {
            "type": "object", "required": ["type", "status", "lastTransitionTime", "reason", "message"],
            "properties": {
              "type": {"description": "What it is about: Accepted, ResolvedRefs or Programmed.", "type": "string", "maxLength": 316, "pattern": "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$"},
              "status": {"description": "Whether it holds.", "type": "string", "enum": ["True", "False", "Unknown"]},
              "observedGeneration": {"description": "The generation of the object that it is about.", "type": "integer", "format": "int64", "minimum": 0},
              "lastTransitionTime": {"description": "Since when.", "type": "string", "format": "date-time"},
              "reason": {"description": "Why, in one word.", "type": "string", "minLength": 1, "maxLength": 1024, "pattern": "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"},
              "message": {"description": "Why, for people.", "type": "string", "maxLength": 32768}
            }
          }
        }
        """;

    /// <summary>The schema of the status of a group's kinds.</summary>
    public static JsonObject Of(string group)
    {
        var properties = new JsonObject
        {
            ["conditions"] = JsonNode.Parse(Conditions),
            ["observedGeneration"] = Field("The generation of the object that the status is about.", "integer", "int64"),
        };
        if (group is "policy.openservicemesh.io")
        {
            properties["currentStatus"] = Field("The status in one word, as OSM has it: committed or error.", "string");
            properties["reason"] = Field("Why, as OSM has it.", "string");
        }

        return new() { ["description"] = "Written by the control plane.", ["type"] = "object", ["properties"] = properties };
    }

    private static JsonObject Field(string description, string type, string? format = null)
    {
        var field = new JsonObject { ["description"] = description, ["type"] = type };
        if (format is not null)
        {
            field["format"] = format;
        }

        return field;
    }
}
