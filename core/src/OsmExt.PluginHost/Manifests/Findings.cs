using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.PluginHost.Manifests;

/// <summary>Collects what is wrong with one file of a plugin.</summary>
/// <param name="file">How the file is called in locations.</param>
internal sealed class Findings(string file)
{
    private readonly List<Diagnostic> _all = [];

    /// <summary>The plugin, once its id is known.</summary>
    public string? Plugin { get; set; }

    public IReadOnlyList<Diagnostic> All => _all;

    public bool IsUsable => _all.TrueForAll(finding => finding.Severity != Severity.Error);

    public void Error(string field, string message, string advice, YamlPosition? at = null)
        => _all.Add(new(DiagnosticCodes.PluginNotLoaded, Severity.Error, Key(), field, message, advice, new SourceLocation(file, at?.Line ?? 0, at?.Column ?? 0)));

    /// <summary>The only document of a text, which must be a mapping; null after a report.</summary>
    public FieldReader? Document(string text)
    {
        var (documents, problems) = YamlText.Read(text);
        foreach (var problem in problems)
        {
            Error("", problem.Message, "Mend the YAML", problem.Position);
        }

        if (problems.Count > 0)
        {
            return null;
        }

        if (documents is [{ Root: YamlMappingNode root } only])
        {
            return new(only, root, "", this);
        }

        Error("", documents.Count == 1 ? $"Expected a mapping, found {YamlScalar.Describe(documents[0].Root)}" : $"Expected one document, found {documents.Count}",
            "Write one mapping");
        return null;
    }

    private ResourceKey? Key() => Plugin is null ? null : PlacedContribution.PluginKey(Plugin);
}
