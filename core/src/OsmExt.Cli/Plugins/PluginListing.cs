using System.Text;
using System.Text.Json.Nodes;
using OsmExt.PluginHost;
using OsmExt.PluginHost.Loading;
using OsmExt.PluginHost.Manifests;

namespace OsmExt.Cli.Plugins;

/// <summary>Plugins as a list, for people and for scripts.</summary>
internal static class PluginListing
{
    public static string Text(PluginSet set)
    {
        var text = new StringBuilder();
        foreach (var plugin in set.Plugins)
        {
            var manifest = plugin.Manifest;
            text.Append(manifest.Id).Append(' ').Append(manifest.Version).Append("  ").Append(plugin.Digest).Append('\n');
            if (manifest.Description.Length > 0)
            {
                text.Append("  ").Append(manifest.Description).Append('\n');
            }

            text.Append("  failure ").Append(FieldReader.Dashed(manifest.Failure))
                .Append(manifest.Capabilities.IsEmpty ? "" : $", granted {string.Join(", ", manifest.Capabilities.Select(FieldReader.Dashed))}")
                .Append(manifest.Resources.IsEmpty ? "" : $", reads {string.Join(", ", manifest.Resources.Select(kind => $"{kind.Kind}.{kind.Group}"))}").Append('\n');
            foreach (var slot in manifest.Slots)
            {
                text.Append("  contributes ").Append(slot.Name).Append(": ").Append(FieldReader.Dashed(slot.Direction)).Append(' ')
                    .Append(FieldReader.Dashed(slot.Point)).Append(", stage ").Append(FieldReader.Dashed(slot.Stage)).Append('\n');
            }
            foreach (var service in manifest.Services)
            {
                text.Append("  runs ").Append(service.Name).Append(service.IsPartOfReadiness ? ", part of readiness" : "").Append('\n');
            }

            foreach (var certificate in manifest.Certificates)
            {
                text.Append("  asks certificates for ").Append(certificate.Name).Append(certificate.For.Length > 0 ? $": one for each {certificate.For}" : "").Append('\n');
            }

            text.Append(Commands(plugin, "  command "));
        }

        foreach (var finding in set.Diagnostics)
        {
            text.Append(finding).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The commands of a plugin, a line for each.</summary>
    public static string Commands(LoadedPlugin plugin, string before = "")
        => string.Concat(plugin.Manifest.Commands.Select(command => $"{before}{command.Name}: {command.Description}\n"));

    public static JsonArray Json(PluginSet set) => new([.. set.Plugins.Select(Json)]);

    private static JsonObject Json(LoadedPlugin plugin) => new()
    {
        ["id"] = plugin.Id,
        ["version"] = plugin.Manifest.Version.ToString(),
        ["digest"] = plugin.Digest,
        ["failure"] = FieldReader.Dashed(plugin.Manifest.Failure),
        ["capabilities"] = new JsonArray([.. plugin.Manifest.Capabilities.Select(capability => (JsonNode)FieldReader.Dashed(capability))]),
        ["services"] = new JsonArray([.. plugin.Manifest.Services.Select(service => (JsonNode)service.Name)]),
        ["commands"] = new JsonArray([.. plugin.Manifest.Commands.Select(command => (JsonNode)new JsonObject { ["name"] = command.Name, ["description"] = command.Description })]),
        ["contributions"] = new JsonArray([.. plugin.Manifest.Slots.Select(slot => (JsonNode)new JsonObject
        {
            ["name"] = slot.Name,
            ["point"] = FieldReader.Dashed(slot.Point),
            ["direction"] = FieldReader.Dashed(slot.Direction),
            ["stage"] = FieldReader.Dashed(slot.Stage),
        })]),
    };
}
