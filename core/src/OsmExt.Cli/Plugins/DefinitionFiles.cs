using System.Text.Json.Nodes;
using OsmExt.Yaml;

namespace OsmExt.Cli.Plugins;

/// <summary>Puts objects for the API server where they were asked for.</summary>
internal static class DefinitionFiles
{
    /// <summary>Prints them, or writes a file for each.</summary>
    public static int Write(IEnumerable<JsonObject> documents, string? directory)
    {
        if (directory is null)
        {
            Console.Out.Write(string.Join("---\n", documents.Select(document => YamlWriter.Write(document))));
            return ExitCode.Ok;
        }

        try
        {
            Directory.CreateDirectory(directory);
            foreach (var document in documents)
            {
                File.WriteAllText(Path.Combine(directory, NameOf(document)), YamlWriter.Write(document));
            }

            return ExitCode.Ok;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"osm: {failure.Message}");
            return ExitCode.Failed;
        }
    }

    private static string NameOf(JsonObject document) => document["spec"] is JsonObject spec
        ? $"{spec["group"]}_{spec["names"]!["plural"]}.yaml"
        : $"{((string)document["kind"]!).ToLowerInvariant()}_{document["metadata"]!["name"]}.yaml";
}
