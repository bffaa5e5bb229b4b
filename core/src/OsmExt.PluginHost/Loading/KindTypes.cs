using OsmExt.PluginHost.Manifests;
using OsmExt.PluginHost.Schemas;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Loading;

/// <summary>What the code says about the kinds of a manifest: the schemas of the types that are named there, and whether it converts.</summary>
internal static class KindTypes
{
    /// <summary>The kinds, each with its schema; what cannot be found is among the findings.</summary>
    public static EquatableArray<PluginKind> Known(PluginManifest manifest, PluginAssembly code, PluginFiles files, Findings findings)
    {
        var docs = new XmlDocs(files.Text(Path.ChangeExtension(manifest.Assembly, ".xml")));
        return [.. manifest.Resources.Select((kind, index) => Known(kind, $"resources[{index}]", code, docs, findings))];
    }

    private static PluginKind Known(PluginKind kind, string field, PluginAssembly code, XmlDocs docs, Findings findings)
    {
        var known = kind with
        {
            Schema = Schema(kind.Type, kind.Schema),
            Conversions = [.. kind.Conversions.Select(other => other with { Schema = Schema(other.Type, other.Schema) })],
        };
        if (!KindReader.ClaimsTarget(kind) && KindReader.ClaimsTarget(known))
        {
            findings.Error($"{field}.type", KindReader.TargetClaimed, KindReader.TargetAdvice);
        }

        if (code.Plugin is not IKindConversion && kind.Conversions.Any(other => other.ToFirst.Length == 0))
        {
            findings.Error($"{field}.conversions", $"{code.Plugin!.GetType().Name} does not implement {nameof(IKindConversion)}", "Implement it, or name templates in toFirst and fromFirst");
        }

        if (kind.IsReviewed && code.Plugin is not IAdmissionRule)
        {
            findings.Error($"{field}.reviewed", $"{code.Plugin!.GetType().Name} does not implement {nameof(IAdmissionRule)}", "Implement it, or remove reviewed");
        }

        return known;

        ConfigSchema Schema(string type, ConfigSchema written) => type.Length == 0 ? written : OfType(type, $"{field}.type", code, docs, findings);
    }

    private static ConfigSchema OfType(string name, string field, PluginAssembly code, XmlDocs docs, Findings findings)
    {
        if (code.Find(name) is not { } type)
        {
            findings.Error(field, $"The assembly has no type \"{name}\"", "Write its name with its namespace");
            return new(ConfigType.Object);
        }

        try
        {
            var builder = new TypeSchema(docs);
            var schema = builder.Of(type);
            foreach (var problem in builder.Problems)
            {
                findings.Error(field, $"{name}: {(problem.Path.Length > 0 ? $"{problem.Path}: " : "")}{problem.Message}", problem.Advice);
            }

            return schema;
        }
        catch (Exception failure)
        {
            // The type is somebody else's: it may need what is not there, and its members may throw.
            findings.Error(field, $"{name} cannot be looked at: {failure.Message.TrimEnd('.')}", "Ship what it needs beside the assembly");
            return new(ConfigType.Object);
        }
    }
}
