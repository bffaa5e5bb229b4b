using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Storage;

/// <summary>Events are kept once and served in two groups, which call some fields differently.</summary>
internal static class EventForms
{
    // In the core group, in events.k8s.io.
    private static readonly (string Core, string Events)[] Names =
    [
        ("message", "note"), ("involvedObject", "regarding"), ("source", "deprecatedSource"), ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"), ("reportingComponent", "reportingController"),
    ];

    public static JsonObject Convert(JsonObject value, string apiVersion)
    {
        var core = apiVersion == "v1";
        var result = new JsonObject();
        foreach (var (name, field) in value.Copy().ToList())
        {
            var known = Names.FirstOrDefault(pair => (core ? pair.Events : pair.Core) == name);
            result[(core ? known.Core : known.Events) ?? name] = field?.DeepClone();
        }

        result["apiVersion"] = apiVersion;
        return result;
    }
}
