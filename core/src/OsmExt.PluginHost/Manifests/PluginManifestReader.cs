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
        var assembly = fields.Text("assembly", RelativePath(), "Name a file of the plugin's folder") ?? "";
        var kinds = fields.Objects("resources").Select(resource => KindReader.Read(resource, readFile, assembly.Length > 0)).ToEquatableArray();
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
            Certificates = fields.Objects("certificates").Select(CertificateSlotReader.Read).ToEquatableArray(),
            Commands = fields.Objects("commands").Select(CommandReader.Read).ToEquatableArray(),
            Services = fields.Objects("services").Select(ServiceReader.Read).ToEquatableArray(),
        };
        CertificateSlotReader.CheckTogether(fields, manifest);
        CommandReader.CheckTogether(fields, manifest);
        ServiceReader.CheckTogether(fields, manifest);
        SlotReader.CheckTogether(fields, manifest);
        fields.Done();
        return findings.IsUsable ? manifest : null;
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

    [GeneratedRegex(@"^(?!.*(^|/)\.)[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*\z", RegexOptions.ExplicitCapture)]
    internal static partial Regex RelativePath();
}
