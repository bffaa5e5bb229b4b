using System.Text.Json.Nodes;

namespace OsmExt.Kubernetes.Crds;

/// <summary>The status that all kinds have: what <c>StatusDocument</c> of the control plane writes.</summary>
internal static class StatusSchema
{
    private const string Conditions = """
        {
          "description": "How far the object has come.", "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"], "maxItems": 16,
          "items": {
            "type": "object", "required": ["type", "status", "lastTransitionTime", "reason", "message"],
            "properties": {
              "type": {"description": "What it is about, such as Accepted, ResolvedRefs or Programmed.", "type": "string", "maxLength": 316, "pattern": "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$"},
              "status": {"description": "Whether it holds.", "type": "string", "enum": ["True", "False", "Unknown"]},
              "observedGeneration": {"description": "The generation of the object that it is about.", "type": "integer", "format": "int64", "minimum": 0},
              "lastTransitionTime": {"description": "Since when.", "type": "string", "format": "date-time"},
              "reason": {"description": "Why, in one word.", "type": "string", "minLength": 1, "maxLength": 1024, "pattern": "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"},
              "message": {"description": "Why, for people.", "type": "string", "maxLength": 32768}
            }
          }
        }
        """;

    private const string Share = """
        {"description": "Proxies that it is for.", "type": "object", "required": ["selected", "acknowledged"], "properties": {
          "selected": {"description": "How many there are.", "type": "integer", "format": "int32", "minimum": 0},
          "acknowledged": {"description": "How many of them have taken it.", "type": "integer", "format": "int32", "minimum": 0}}}
        """;

    /// <summary>The schema of <c>status</c>.</summary>
    public static JsonObject Create() => new()
    {
        ["description"] = "Written by the control plane.",
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["conditions"] = JsonNode.Parse(Conditions),
            ["proxies"] = JsonNode.Parse(Share),
            ["targets"] = new JsonObject
            {
                ["description"] = "The same for each of several things that it is for.",
                ["type"] = "array",
                ["items"] = new JsonObject
                {
                    ["type"] = "object",
                    ["required"] = new JsonArray("target", "proxies"),
                    ["properties"] = new JsonObject
                    {
                        ["target"] = new JsonObject { ["description"] = "What is meant.", ["type"] = "string" },
                        ["proxies"] = JsonNode.Parse(Share),
                    },
                },
            },
        },
    };
}
