using OsmExt.PluginHost.Manifests;
using OsmExt.PluginHost.Schemas;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Loading;

/// <summary>Gives kinds whose manifest names a type of the code the schema of that type.</summary>
internal static class KindTypes
{
    /// <summary>The kinds, each with its schema; what cannot be made one is among the findings.</summary>
    public static EquatableArray<PluginKind> Known(PluginManifest manifest, PluginAssembly code, PluginFiles files, Findings findings)
    {
        var docs = new XmlDocs(files.Text(Path.ChangeExtension(manifest.Assembly, ".xml")));
        return [.. manifest.Resources.Select((kind, index) => kind.Type.Length == 0 ? kind : Known(kind, $"resources[{index}].type", code, docs, findings))];
    }

    private static PluginKind Known(PluginKind kind, string field, PluginAssembly code, XmlDocs docs, Findings findings)
    {
        kind = kind with { Schema = Schema(kind.Type, field, code, docs, findings) };
        if (KindReader.ClaimsTarget(kind))
        {
            findings.Error(field, KindReader.TargetClaimed, KindReader.TargetAdvice);
        }

        return kind;
    }

    private static ConfigSchema Schema(string name, string field, PluginAssembly code, XmlDocs docs, Findings findings)
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
