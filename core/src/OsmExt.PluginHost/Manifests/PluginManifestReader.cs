using System.Text.RegularExpressions;
using OsmExt.PluginHost.Running;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;
using OsmExt.Yaml;

namespace OsmExt.PluginHost.Manifests;

/// <summary>Reads <c>plugin.yaml</c>, strictly: what it does not understand, it refuses.</summary>
internal static partial class PluginManifestReader
{
    public const string FileName = "plugin.yaml";

    /// <param name="text">The file's text.</param>
    /// <param name="findings">Takes what is wrong with it.</param>
    /// <param name="readFile">The text of another file of the plugin, or null.</param>
    /// <returns>The manifest; null when it cannot be used, with the reasons in the findings.</returns>
    public static PluginManifest? Read(string text, Findings findings, Func<string, string?> readFile)
    {
        if (findings.Document(text) is not { } fields)
        {
            return null;
        }

        var id = fields.Text("id", Id(), "Use lower-case letters, digits and dashes, up to 63 of them", required: "Name the plugin");
        findings.Plugin = id;
        var version = Number(fields);
        var kinds = fields.Objects("resources").Select(resource => Kind(resource, readFile)).ToEquatableArray();
        var assembly = fields.Text("assembly", RelativePath(), "Name a file of the plugin's folder") ?? "";
        var manifest = new PluginManifest(id ?? "", version)
        {
            Description = fields.Text("description") ?? "",
            Sdk = Range(fields, "sdk"),
            Envoy = Range(fields, "envoy"),
            Failure = fields.Word("failure", FailureMode.Closed, required: "Say what becomes of proxies when the plugin fails: closed or open"),
            Capabilities = fields.Words<PluginCapability>("capabilities").ToEquatableArray(),
            Assembly = assembly,
            Resources = kinds,
            Reads = Reads(fields),
            Slots = fields.Objects("contributions").Select(slot => SlotReader.Read(slot, kinds, assembly.Length > 0)).ToEquatableArray(),
        };
        SlotReader.CheckTogether(fields, manifest);
        fields.Done();
        return findings.IsUsable ? manifest : null;
    }

    private static PluginKind Kind(FieldReader fields, Func<string, string?> readFile)
    {
        var kind = new PluginKind(
            fields.Text("group", Group(), "Write a DNS name with a dot in it", required: "Name the API group") ?? "",
            fields.Text("kind", KindName(), "Write a name in CamelCase", required: "Name the kind") ?? "",
            fields.Texts("versions").ToEquatableArray(),
            Schema(fields, readFile))
        {
            IsAimed = fields.Flag("targetRef", true),
        };
        if (string.Equals(kind.Kind, ContributionSlot.Mesh, StringComparison.Ordinal))
        {
            fields.Report("kind", $"{ContributionSlot.Mesh} is what slots say that are filled from the mesh's settings", "Give the kind another name");
        }

        if (kind.IsAimed && kind.Schema.Properties.FirstOrDefault(property => property.Name is "targetRef" or "lock") is { } reserved)
        {
            fields.Report("schema", $"Every kind has a spec.{reserved.Name} of the mesh's own", "Give the field another name");
        }

        if (kind.Versions.IsEmpty)
        {
            fields.Report("versions", "There is no version", "List the versions that are read, newest first");
        }

        fields.Done();
        return kind;
    }

    private static EquatableArray<string> Reads(FieldReader fields)
    {
        var kinds = fields.Texts("reads").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToEquatableArray();
        foreach (var unknown in kinds.Except(MeshObjects.Readable, StringComparer.Ordinal))
        {
            fields.Report("reads", $"The mesh has no kind {YamlScalar.Quote(unknown)} to read",
                Suggestion.Closest(unknown, MeshObjects.Readable) is { } meant ? $"Did you mean \"{meant}\"" : $"Use any of {string.Join(", ", MeshObjects.Readable)}");
        }

        return kinds;
    }

    private static ConfigSchema Schema(FieldReader fields, Func<string, string?> readFile)
    {
        var nothing = new ConfigSchema(ConfigType.Object);
        if (fields.Text("schema", RelativePath(), "Name a file of the plugin's folder", required: "Name the file that says what spec may look like") is not { } path)
        {
            return nothing;
        }

        if (readFile(path) is not { } text)
        {
            fields.Report("schema", $"There is no file {YamlScalar.Quote(path)}", "Put it beside plugin.yaml");
            return nothing;
        }

        var findings = new Findings(path);
        var schema = findings.Document(text) is { } document ? ConfigSchemaReader.Read(document) : nothing;
        if (schema.Type != ConfigType.Object)
        {
            findings.Error("type", "A spec is an object", "Write type: object");
        }

        foreach (var finding in findings.All)
        {
            fields.Report("schema", $"{finding.Location}: {(finding.Field.Length > 0 ? $"{finding.Field}: " : "")}{finding.Message}", finding.Advice);
        }

        return schema;
    }

    private static Version Number(FieldReader fields)
    {
        if (fields.Text("version", required: "Give it a version of three numbers") is not { } text)
        {
            return new(0, 0, 0);
        }

        if (System.Version.TryParse(text, out var version) && version is { Build: >= 0, Revision: < 0 })
        {
            return version;
        }

        fields.Report("version", $"{YamlScalar.Quote(text)} is no version", "Write three numbers, like 1.0.0");
        return new(0, 0, 0);
    }

    internal static VersionRange Range(FieldReader fields, string name)
    {
        if (fields.Text(name, required: "Say which versions it works with, like \">=0.1 <0.2\"") is not { } text)
        {
            return VersionRange.Any;
        }

        if (VersionRange.TryParse(text, out var range))
        {
            return range;
        }

        fields.Report(name, $"{YamlScalar.Quote(text)} is no range of versions", "Write conditions that must all hold, like \">=1.36 <2.0\"");
        return VersionRange.Any;
    }

    [GeneratedRegex(@"^[a-z]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex Id();

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Group();

    [GeneratedRegex(@"^[A-Z][A-Za-z0-9]{0,62}\z")]
    private static partial Regex KindName();

    [GeneratedRegex(@"^(?!.*(^|/)\.)[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*\z", RegexOptions.ExplicitCapture)]
    internal static partial Regex RelativePath();
}
