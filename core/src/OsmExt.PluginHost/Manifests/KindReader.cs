using System.Text.RegularExpressions;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;
using OsmExt.Yaml;

namespace OsmExt.PluginHost.Manifests;

/// <summary>Reads the kinds of a manifest, with the schemas that lie beside it.</summary>
internal static partial class KindReader
{
    public const string TargetClaimed = $"{TargetField} and {LockField} are the same for all kinds, and no kind's own";
    public const string TargetAdvice = $"Remove it, or write {TargetField}: false beside the kind";
    private const string TargetField = "targetRef";
    private const string LockField = "lock";

    // Until the code is there that says more: what an object is aimed at can be told, and nothing else.
    private static readonly ConfigSchema Unknown = new(ConfigType.Object) { IgnoresUnknown = true };

    public static PluginKind Read(FieldReader fields, Func<string, string?> readFile, bool hasCode)
    {
        var kind = new PluginKind(
            fields.Text("group", Group(), "Write a DNS name with a dot in it", required: "Name the API group") ?? "",
            fields.Text("kind", KindName(), "Write a name in CamelCase", required: "Name the kind") ?? "",
            fields.Texts("versions").ToEquatableArray(),
            Unknown)
        {
            IsAimed = fields.Flag(TargetField, true),
            IsReviewed = fields.Flag("reviewed", false),
        };
        if (string.Equals(kind.Kind, ContributionSlot.Mesh, StringComparison.Ordinal))
        {
            fields.Report("kind", $"{ContributionSlot.Mesh} is what slots say that are filled from the mesh's settings", "Give the kind another name");
        }

        if (kind.IsReviewed && !hasCode)
        {
            fields.Report("reviewed", "There is no code that could review it", "Name the assembly, or write rules into the schema (x-kubernetes-validations)");
        }

        if (kind.Versions.IsEmpty)
        {
            fields.Report("versions", "There is no version", "List the versions that are read, newest first");
        }

        var (schema, type) = Shape(fields, readFile, hasCode);
        kind = kind with { Schema = schema, Type = type };
        kind = kind with { Conversions = fields.Objects("conversions").Select(other => Conversion(other, kind, readFile, hasCode)).ToEquatableArray() };
        foreach (var twice in kind.Conversions.GroupBy(other => other.Version, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            fields.Report("conversions", $"There are two for version {YamlScalar.Quote(twice.Key)}", "Remove one of them");
        }

        if (ClaimsTarget(kind))
        {
            fields.Report("schema", TargetClaimed, TargetAdvice);
        }

        fields.Done();
        return kind;
    }

    /// <summary>Whether a schema says itself what <c>targetRef</c> or <c>lock</c> is, which all kinds have in common.</summary>
    public static bool ClaimsTarget(PluginKind kind) => kind.IsAimed && kind.Conversions.Select(other => other.Schema).Append(kind.Schema).SelectMany(schema => schema.Properties)
        .Any(property => property.Name is TargetField or LockField);

    private static KindConversion Conversion(FieldReader fields, PluginKind kind, Func<string, string?> readFile, bool hasCode)
    {
        const string Rule = "Name a file of the plugin's folder";
        var version = fields.Text("version", required: "Name the version that has other fields") ?? "";
        var (schema, type) = Shape(fields, readFile, hasCode);
        var conversion = new KindConversion(version, schema)
        {
            Type = type,
            ToFirst = fields.Text("toFirst", PluginManifestReader.RelativePath(), Rule) ?? "",
            FromFirst = fields.Text("fromFirst", PluginManifestReader.RelativePath(), Rule) ?? "",
        };
        if (version.Length > 0 && !kind.Versions.Skip(1).Contains(version, StringComparer.Ordinal))
        {
            fields.Report("version", $"{YamlScalar.Quote(version)} is none of the versions after the first, which all others are converted to", "List it in versions, after the one that plugins see");
        }

        if (conversion.ToFirst.Length == 0 != (conversion.FromFirst.Length == 0) || (conversion.ToFirst.Length == 0 && !hasCode))
        {
            fields.Report("toFirst", "Without both ways nobody can tell what is lost on one of them",
                hasCode ? $"Name templates in toFirst and fromFirst, or neither and implement {nameof(IKindConversion)}" : "Name templates in toFirst and fromFirst");
        }

        fields.Done();
        return conversion;
    }

    /// <summary>What says what a spec may look like: a file, or a type of the code, whose schema is known when the code is loaded.</summary>
    private static (ConfigSchema Schema, string Type) Shape(FieldReader fields, Func<string, string?> readFile, bool hasCode)
    {
        if (fields.Text("type") is not { } type)
        {
            return (Schema(fields, readFile), "");
        }

        if (!hasCode)
        {
            fields.Report("type", "There is no code that could have this type", "Name a schema file, or the assembly");
        }

        if (fields.Text("schema") is not null)
        {
            fields.Report("schema", "The type says what spec may look like already", "Remove schema or type");
        }

        return (Unknown, type);
    }

    private static ConfigSchema Schema(FieldReader fields, Func<string, string?> readFile)
    {
        var nothing = new ConfigSchema(ConfigType.Object);
        if (fields.Text("schema", PluginManifestReader.RelativePath(), "Name a file of the plugin's folder", required: "Name the file that says what spec may look like, or the type of the code that does") is not { } path)
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

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Group();

    [GeneratedRegex(@"^[A-Z][A-Za-z0-9]{0,62}\z")]
    private static partial Regex KindName();
}
