using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Sources;
using OsmExt.PluginHost.Manifests;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;
using OsmExt.Yaml;

namespace OsmExt.Cli.Applying;

/// <summary>Manifests that somebody wants to see in force: a directory or a file.</summary>
internal sealed class GivenManifests
{
    private GivenManifests(string source, string written, IReadOnlyList<JsonObject> objects, ResourceSnapshot read) => (Source, Written, Objects, Read) = (source, written, objects, read);

    /// <summary>Where they are.</summary>
    public string Source { get; }

    /// <summary>All of them as they are written, which is how a control plane reads them from files.</summary>
    public string Written { get; }

    /// <summary>Each object, in the order of files and of places in them.</summary>
    public IReadOnlyList<JsonObject> Objects { get; }

    /// <summary>What the mesh itself reads of them, which is not what its plugins read.</summary>
    public ResourceSnapshot Read { get; }

    /// <summary>Reads them.</summary>
    /// <exception cref="CommandException">They cannot be used; the message says where and why.</exception>
    public static GivenManifests Load(string source)
    {
        if (!Path.Exists(source))
        {
            throw new CommandException($"there is no {source} to read manifests from", ExitCode.UnusableInput);
        }

        var batch = ManifestDirectory.Load(source);
        var errors = batch.Diagnostics.Where(finding => finding.Severity == Severity.Error).Select(error => $"{error}").ToList();
        var (objects, texts) = (new List<JsonObject>(), new List<string>());
        foreach (var file in DirectoryScanner.Scan([source]).Files)
        {
            // Why there is none is among the errors.
            texts.Add(FileText.Read(file, long.MaxValue).Text ?? "");
            var (documents, problems) = YamlText.Read(texts[^1]);
            if (problems.Count > 0 && errors.Count == 0)
            {
                errors.Add($"{file.Path} cannot be read: {problems[0].Message}");
            }

            objects.AddRange(documents.Select(document => YamlJson.Of(document.Root)).OfType<JsonObject>().SelectMany(Items));
        }

        return errors.Count > 0 ? throw new CommandException($"{source} cannot be used; nothing was applied\n  {string.Join("\n  ", errors)}", ExitCode.UnusableInput)
            : objects.Count == 0 ? throw new CommandException($"{source} has no manifests; nothing was applied", ExitCode.UnusableInput)
            : new(source, string.Join("\n---\n", texts), objects, ResourceSnapshot.Empty.Apply(batch, out _));
    }

    /// <summary>Objects as one text. Secrets are left out: nobody needs to see them to say who has what.</summary>
    public static string Text(IEnumerable<JsonObject> objects) => new JsonObject
    {
        ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. objects.Where(item => (string?)item["kind"] != "Secret").Select(item =>
        {
            var copy = item.DeepClone();
            (copy["metadata"] as JsonObject)?.Remove("managedFields");
            return copy;
        })]),
    }.ToJsonString();

    private static IEnumerable<JsonObject> Items(JsonObject document)
        => ((string?)document["kind"])?.EndsWith("List", StringComparison.Ordinal) == true && document["items"] is JsonArray items ? items.OfType<JsonObject>() : [document];
}
