using System.Text.Json.Nodes;
using OsmExt.Compiler;
using OsmExt.PluginHost;
using OsmExt.PluginHost.Loading;

namespace OsmExt.ControlPlane.Http;

/// <summary>The plugins in force, as the debug page shows them.</summary>
internal static class PluginView
{
    public static JsonObject Of(PluginSet set) => new()
    {
        ["plugins"] = new JsonArray([.. set.Plugins.Select(Of)]),
        ["broken"] = new JsonArray([.. set.Broken.Select(manifest => (JsonNode)manifest.Id)]),
        ["diagnostics"] = MeshDocument.Of(set.Diagnostics),
    };

    private static JsonNode Of(LoadedPlugin plugin) => new JsonObject
    {
        ["id"] = plugin.Id,
        ["version"] = plugin.Manifest.Version.ToString(),
        ["digest"] = plugin.Digest,
        ["failure"] = plugin.Manifest.Failure.ToString().ToLowerInvariant(),
        ["notCalled"] = plugin.Breaker.Reason,
        ["rendered"] = plugin.Memo.Made,
    };
}
