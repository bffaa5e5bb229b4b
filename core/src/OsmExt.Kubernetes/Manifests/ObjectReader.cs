using k8s;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Kubernetes.Manifests;

/// <summary>Reads one object of a known kind: its key first, so that every finding names it, then its model, then its view.</summary>
internal sealed class ObjectReader
{
    private const string DefaultNamespace = "default";

    private readonly ResourceKind _kind;
    private readonly string _version;
    private readonly YamlMappingNode _root;
    private readonly Func<YamlNode, SourceLocation?> _locate;

    /// <param name="kind">What it is.</param>
    /// <param name="version">In which version it is written.</param>
    /// <param name="root">The object.</param>
    /// <param name="locate">Where a node was read; gives null for objects from an API server.</param>
    public ObjectReader(ResourceKind kind, string version, YamlMappingNode root, Func<YamlNode, SourceLocation?> locate)
        => (_kind, _version, _root, _locate) = (kind, version, root, locate);

    /// <summary>Reads the object and adds what is wrong with it; without a readable key it stays unidentified.</summary>
    public (ManifestObject? Found, UnidentifiedObject? Unidentified) Read(List<Diagnostic> diagnostics)
    {
        var (key, name, resource) = Decode(diagnostics);
        var location = _locate(_root)!;
        // Where a half-written text breaks off, its namespace may not be there yet, or not be whole.
        return key is { } found ? (new(found, resource, location), null) : (null, new(_kind.Kind, null, name, location));
    }

    /// <summary>The same without a place: the key and the name as far as they can be read, and the object if it can be used.</summary>
    public (ResourceKey? Key, string? Name, Resource? Resource) Decode(List<Diagnostic> diagnostics)
    {
        var metadata = YamlEntries.Find(_root, "metadata");
        var (name, nameIsGood) = Name(metadata);
        var (ns, namespaceIsGood) = Namespace(metadata);
        var isIdentified = nameIsGood && namespaceIsGood;
        var key = new ResourceKey(_kind.Kind, ns, name);
        var report = new FieldReport(isIdentified ? key : null, path => _locate(FieldPath.Nearest(_root, path)));

        var model = new ModelDecoder(_kind, _version, report, _locate).Read(_root);
        Check(report, metadata, name, nameIsGood, ns, namespaceIsGood);
        // The items of a list need not say it.
        if (model is IKubernetesObject { ApiVersion: null } inherits)
        {
            inherits.ApiVersion = _kind.ApiVersion(_version);
        }

        var resource = _kind.View(model, ns, name, report);

        diagnostics.AddRange(report.Diagnostics);
        return (isIdentified ? key : null, nameIsGood ? name : null, isIdentified && report.IsUsable ? resource : null);
    }

    private (string Name, bool IsGood) Name(YamlNode? metadata)
    {
        var name = Text(metadata, "name");
        return (name, _kind.NameIsLabel ? DnsName.IsLabel(name) : DnsName.IsSubdomain(name));
    }

    private (string Namespace, bool IsGood) Namespace(YamlNode? metadata)
    {
        if (!_kind.IsNamespaced)
        {
            return ("", true);
        }

        // An empty text means the default, as it does to kubectl.
        var isSet = YamlEntries.Find(metadata, "namespace") is not (null or YamlScalarNode { Value: "" });
        var ns = isSet ? Text(metadata, "namespace") : DefaultNamespace;
        return (ns, DnsName.IsLabel(ns));
    }

    private void Check(FieldReport report, YamlNode? metadata, string name, bool nameIsGood, string ns, bool namespaceIsGood)
    {
        if (!nameIsGood && name.Length == 0)
        {
            var isGenerated = YamlEntries.Find(metadata, "generateName") is not null;
            report.Missing("metadata.name", isGenerated ? "Write a name; only an API server can generate one" : "Name the object");
        }
        else if (!nameIsGood)
        {
            report.Invalid("metadata.name", $"{YamlScalar.Quote(name)} is not a name", _kind.NameIsLabel ? DnsName.LabelRule : DnsName.SubdomainRule);
        }

        if (!namespaceIsGood)
        {
            report.Invalid("metadata.namespace", $"{YamlScalar.Quote(ns)} is not a namespace", DnsName.LabelRule);
        }

        if (!_kind.IsNamespaced && YamlEntries.Find(metadata, "namespace") is not null)
        {
            report.LeftOut("metadata.namespace", $"A {_kind.Kind} is in no namespace", "Remove the field");
        }
    }

    private static string Text(YamlNode? node, string field)
        => YamlEntries.Find(node, field) is YamlScalarNode scalar && ScalarReader.Text.Read(scalar) is string text ? text : "";
}
