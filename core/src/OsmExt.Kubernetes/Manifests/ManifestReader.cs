using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Kubernetes.Manifests;

/// <summary>
/// Reads Kubernetes manifests, YAML or JSON, any number of documents, lists included. Every mistake becomes a diagnostic; nothing
/// throws, and no document hides another.
/// </summary>
internal sealed class ManifestReader
{
    private readonly string _file;
    private readonly PluginKinds _plugins;
    private readonly List<ManifestObject> _objects = [];
    private readonly List<UnidentifiedObject> _unidentified = [];
    private readonly List<Diagnostic> _diagnostics = [];

    private ManifestReader(string file, PluginKinds plugins) => (_file, _plugins) = (file, plugins);

    /// <param name="text">The content.</param>
    /// <param name="file">How the file is called in locations.</param>
    /// <param name="plugins">Further kinds that are read; none by default.</param>
    public static ManifestFile Read(string text, string file, PluginKinds? plugins = null)
    {
        var reader = new ManifestReader(file, plugins ?? PluginKinds.None);
        var (documents, problems) = YamlText.Read(text);
        foreach (var problem in problems)
        {
            var message = $"{char.ToUpperInvariant(problem.Message[0])}{problem.Message[1..]}";
            reader.Refuse(DiagnosticCodes.Syntax, "", message, "Mend the document; until then none of its objects is read",
                reader.At(problem.Position));
        }

        foreach (var document in documents)
        {
            reader.ReadObject(document, document.Root, ("", ""));
        }

        reader._diagnostics.Sort();
        return new(reader._objects.ToEquatableArray(), reader._unidentified.ToEquatableArray(), reader._diagnostics.Distinct().ToEquatableArray());
    }

    // The items of a list need not repeat what the list's own kind says.
    private void ReadObject(YamlDocumentPart document, YamlNode node, (string ApiVersion, string Kind) inherited)
    {
        var location = At(document.PositionOf(node));
        if (node is not YamlMappingNode root)
        {
            Refuse(DiagnosticCodes.InvalidValue, "", $"Expected a Kubernetes object, found {YamlScalar.Describe(node)}",
                "Write an object with apiVersion, kind and metadata", location);
            return;
        }

        if (Word(document, root, "apiVersion", inherited.ApiVersion) is not { } apiVersion
            || Word(document, root, "kind", inherited.Kind) is not { } kind)
        {
            return;
        }

        if (kind.EndsWith("List", StringComparison.Ordinal) && YamlEntries.Find(root, "items") is { } items)
        {
            ReadList(document, items, kind == "List" ? ("", "") : (apiVersion, kind[..^"List".Length]));
            return;
        }

        var (known, version, problem) = KindLookup.Find(apiVersion, kind, _plugins);
        if (problem is not null)
        {
            Refuse(DiagnosticCodes.UnknownKind, problem.Field, problem.Message, problem.Advice,
                At(document.PositionOf(YamlEntries.Find(root, problem.Field) ?? root)));
        }
        else if (known is not null)
        {
            var (found, unidentified) = new ObjectReader(known, version, root, part => At(document.PositionOf(part))).Read(_diagnostics);
            _objects.AddRange(found is null ? [] : [found]);
            _unidentified.AddRange(unidentified is null ? [] : [unidentified]);
        }
    }

    private void ReadList(YamlDocumentPart document, YamlNode items, (string ApiVersion, string Kind) inherited)
    {
        if (items is not YamlSequenceNode list)
        {
            Refuse(DiagnosticCodes.InvalidValue, "items", $"Expected a list, found {YamlScalar.Describe(items)}", "Write a list of objects",
                At(document.PositionOf(items)));
            return;
        }

        foreach (var item in list.Children)
        {
            ReadObject(document, item, inherited);
        }
    }

    /// <summary>The text of apiVersion or kind, or null after a report.</summary>
    private string? Word(YamlDocumentPart document, YamlMappingNode root, string field, string inherited)
    {
        var node = YamlEntries.Find(root, field);
        if (node is YamlScalarNode scalar && ScalarReader.Text.Read(scalar) is string { Length: > 0 } text)
        {
            return text;
        }

        if (node is null && inherited.Length > 0)
        {
            return inherited;
        }

        var misspelt = root.Children.Keys.FirstOrDefault(key => Suggestion.Closest(YamlEntries.NameOf(key), [field]) is not null);
        var message = node is null ? "This field is missing, so the object cannot be told" : $"Expected a text, found {YamlScalar.Describe(node)}";
        var advice = node is null && misspelt is not null ? $"Did you mean \"{field}\" where it says {YamlScalar.Quote(YamlEntries.NameOf(misspelt))}"
            : "Set it, or keep files that hold no Kubernetes objects elsewhere";
        Refuse(node is null ? DiagnosticCodes.MissingField : DiagnosticCodes.InvalidValue, field, message, advice,
            At(document.PositionOf(node ?? misspelt ?? root)));
        return null;
    }

    private void Refuse(string code, string field, string message, string advice, SourceLocation location)
    {
        _diagnostics.Add(new(code, Severity.Error, null, field, message, advice, location));
        _unidentified.Add(new(null, null, null, location));
    }

    private SourceLocation At(YamlPosition position) => new(_file, position.Line, position.Column);
}
