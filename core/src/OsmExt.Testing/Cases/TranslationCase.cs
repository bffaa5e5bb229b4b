using System.Text.Json.Nodes;
using OsmExt.Compiler;
using OsmExt.Kubernetes.Sources;
using OsmExt.Kubernetes.Views;
using OsmExt.PluginHost;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.Plugins;
using OsmExt.Testing.Snapshots;
using OsmExt.Yaml;

namespace OsmExt.Testing.Cases;

/// <summary>
/// A case of what manifests mean. The folder holds <c>in.yaml</c> (the manifests), <c>diagnostics.verified.yaml</c> (what is
/// found wrong with them), and for each proxy <c>NAMESPACE.POD.verified.yaml</c>: the very text <c>osm translate</c> prints for it. What services of plugins have published may be in <c>published.yaml</c>.
/// </summary>
public static class TranslationCase
{
    /// <summary>The file of manifests.</summary>
    public const string InputFile = "in.yaml";

    /// <summary>Compiles a case and compares everything it gives with what has been accepted.</summary>
    /// <param name="folder">The case's folder.</param>
    /// <param name="plugins">A directory of plugins, or one plugin's folder; null for none.</param>
    /// <param name="policyFile">The operator's policy that grants what the plugins need; null for <c>policy.yaml</c> in the directory, if there is one.</param>
    /// <exception cref="SnapshotException">Something differs, or nothing has been accepted yet; all differences are in the message.</exception>
    public static void Verify(string folder, string? plugins = null, string? policyFile = null)
        => Verify(folder, plugins is null ? PluginSet.Empty : PluginSet.Load(plugins, policyFile, TimeProvider.System));

    internal static void Verify(string folder, PluginSet plugins)
    {
        var parts = Texts(folder, plugins);
        var failures = new List<string>();
        foreach (var (name, text) in parts)
        {
            Collect(() => Snapshot.Verify(text, Path.Combine(folder, name)));
        }

        Collect(() => Snapshot.NothingElse(folder, parts.Keys));
        if (failures.Count > 0)
        {
            throw new SnapshotException(string.Join("\n\n", failures));
        }

        void Collect(Action check)
        {
            try
            {
                check();
            }
            catch (SnapshotException failure)
            {
                failures.Add(failure.Message);
            }
        }
    }

    /// <summary>What a case gives, by the names of the accepted files.</summary>
    internal static IReadOnlyDictionary<string, string> Texts(string folder, PluginSet plugins)
    {
        PublishedFile.Into(plugins, folder);
        var document = Translate(Read(Path.Combine(folder, InputFile), plugins), plugins);
        var parts = new Dictionary<string, string>(StringComparer.Ordinal) { ["diagnostics"] = YamlWriter.Write(document["diagnostics"]) };
        foreach (var (pod, sections) in document["proxies"]!.AsObject())
        {
            parts[pod.Replace('/', '.')] = YamlWriter.Write(sections);
        }

        return parts;
    }

    /// <summary>Manifests as a snapshot, with what reading them found.</summary>
    internal static ResourceSnapshot Read(string path, PluginSet? plugins = null)
        => ResourceSnapshot.Empty.Apply(ManifestDirectory.Load(new PluginKinds(plugins?.Kinds ?? [], plugins?.MayHaveSecrets == true), path), out _);

    /// <summary>The document of a snapshot, for all its proxies.</summary>
    internal static JsonObject Translate(ResourceSnapshot snapshot, PluginSet? plugins = null)
    {
        var mesh = OfflineMesh.Compile(snapshot, new(), (plugins ?? PluginSet.Empty).Contribute);
        return MeshDocument.Of(mesh, mesh.Proxies.All);
    }
}
