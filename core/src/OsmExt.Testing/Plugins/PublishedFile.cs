using System.Text.Json.Nodes;
using OsmExt.PluginHost;
using OsmExt.PluginHost.Manifests;
using OsmExt.PluginHost.Schemas;
using OsmExt.Sdk.Plugins;
using OsmExt.Testing.Snapshots;
using OsmExt.Yaml;

namespace OsmExt.Testing.Plugins;

/// <summary>What a case takes for published by plugins' services, which do not run in tests of cases: <c>published.yaml</c> beside its manifests.</summary>
internal static class PublishedFile
{
    public const string Name = "published.yaml";

    // The value is anything.
    private static readonly ConfigSchema Entry = new(ConfigType.Object)
    {
        Properties = [new("service", new(ConfigType.String), Required: true), new("name", new(ConfigType.String), Required: true)], IgnoresUnknown = true,
    };

    /// <summary>Makes that, and nothing else, what the plugins see.</summary>
    /// <param name="plugins">The plugins.</param>
    /// <param name="folders">Of cases; the first that has a value counts.</param>
    /// <exception cref="SnapshotException">A file cannot be used.</exception>
    public static void Into(PluginSet plugins, params IEnumerable<string> folders)
    {
        foreach (var plugin in plugins.Plugins)
        {
            plugin.Services.Values.Clear();
        }

        foreach (var file in folders.Reverse().Select(folder => Path.Combine(folder, Name)).Where(File.Exists))
        {
            foreach (var item in Items(file))
            {
                var (service, name, value) = ($"{item!["service"]}", $"{item["name"]}", item["value"]);
                var plugin = plugins.Plugins.FirstOrDefault(plugin => plugin.Manifest.Services.Any(declared => declared.Name == service))
                    ?? throw new SnapshotException($"{file}: no plugin has a service \"{service}\"");
                plugin.Services.Values.Set(service, name, ConfigValue.Of(value));
            }
        }
    }

    private static JsonArray Items(string file)
    {
        var (documents, problems) = YamlText.Read(File.ReadAllText(file));
        var items = problems.Count == 0 && documents is [var only] ? YamlJson.Of(only.Root) as JsonArray : null;
        return items is not null && items.All(item => new SpecCheck(Entry).Of(item).Problems.Count == 0 && item!.AsObject().ContainsKey("value")) ? items
            : throw new SnapshotException($"{file}: expected a list of mappings with service, name and value{(problems is [var problem, ..] ? $"; {problem.Message}" : "")}");
    }
}
