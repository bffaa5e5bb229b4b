using System.Text.Json.Nodes;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Cli.Clusters;

/// <summary>Whether a cluster can take a chart, asked before anything is changed: its version, who may do what, other meshes, others' definitions.</summary>
internal sealed class Preflight(ClusterSession session, ClusterKinds kinds)
{
    private const int OldestMinor = 27;

    /// <summary>What stands in the way; nothing when nothing does.</summary>
    /// <param name="manifests">The objects the chart makes.</param>
    /// <param name="verb">What is done to them: <c>create</c> or <c>patch</c>.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<IReadOnlyList<string>> CheckAsync(string manifests, string verb, CancellationToken cancellation)
    {
        var objects = Objects(manifests);
        return [.. await VersionAsync(cancellation).ConfigureAwait(false), .. await PermissionsAsync(objects, verb, cancellation).ConfigureAwait(false), .. await DefinitionsAsync(objects, cancellation).ConfigureAwait(false)];
    }

    /// <summary>Whether a mesh can be installed beside those that are there.</summary>
    public async Task<IReadOnlyList<string>> MeshesAsync(string name, bool single, CancellationToken cancellation)
    {
        var problems = new List<string>();
        foreach (var mesh in await ClusterMesh.AllAsync(session, cancellation).ConfigureAwait(false))
        {
            if (mesh.Name == name)
            {
                problems.Add($"mesh {name} is there already, in namespace {mesh.Namespace}; osm mesh upgrade --mesh-name {name} changes it, another --mesh-name makes another");
            }
            else if (mesh.Namespace == session.OsmNamespace)
            {
                problems.Add($"namespace {mesh.Namespace} has the control plane of mesh {mesh.Name} in it; choose another with --osm-namespace");
            }
            else if (single)
            {
                problems.Add($"mesh {mesh.Name} is there, in namespace {mesh.Namespace}; --enforce-single-mesh=false makes a second one");
            }
        }

        return problems;
    }

    /// <summary>The definitions of kinds among manifests, each with its name and text.</summary>
    public static IEnumerable<(string Name, YamlNode Node)> Definitions(IEnumerable<YamlNode> objects)
        => objects.Where(item => Text(item, "kind") == "CustomResourceDefinition").Select(item => (Text(item, "metadata", "name")!, item));

    /// <summary>The objects of a text of manifests.</summary>
    public static IReadOnlyList<YamlNode> Objects(string manifests) => [.. YamlText.Read(manifests).Documents.Select(document => document.Root).Where(root => root is YamlMappingNode)];

    /// <summary>A text within an object; null when it is not there.</summary>
    public static string? Text(YamlNode node, params IEnumerable<string> path)
        => (path.Aggregate((YamlNode?)node, (at, key) => at is YamlMappingNode mapping && mapping.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null) as YamlScalarNode)?.Value;

    private async Task<IReadOnlyList<string>> VersionAsync(CancellationToken cancellation)
    {
        var version = await kinds.ReadAsync("version", cancellation).ConfigureAwait(false);
        return int.TryParse($"{version?["minor"]}".TrimEnd('+'), out var minor) && $"{version?["major"]}" == "1" && minor < OldestMinor
            ? [$"{session.Connection.Name} runs Kubernetes {version?["gitVersion"]}; 1.{OldestMinor} or newer is needed"] : [];
    }

    private async Task<IReadOnlyList<string>> PermissionsAsync(IReadOnlyList<YamlNode> objects, string verb, CancellationToken cancellation)
    {
        var problems = new List<string>();
        var wanted = objects.Select(item => (Version: Text(item, "apiVersion") ?? "", Kind: Text(item, "kind") ?? "")).Append(("v1", "Secret")).Distinct().Order().ToArray();
        foreach (var (version, kind) in wanted)
        {
            // Kinds the chart itself brings are not served yet.
            if (await kinds.FindAsync(version, kind, cancellation).ConfigureAwait(false) is not { } found)
            {
                continue;
            }

            var group = version.Contains('/', StringComparison.Ordinal) ? version.Split('/')[0] : "";
            var attributes = new JsonObject { ["verb"] = verb, ["group"] = group, ["resource"] = found.Plural, ["namespace"] = found.Namespaced ? session.OsmNamespace : null };
            var review = await kinds.SendAsync(HttpMethod.Post, "apis/authorization.k8s.io/v1/selfsubjectaccessreviews", new JsonObject
            {
                ["apiVersion"] = "authorization.k8s.io/v1", ["kind"] = "SelfSubjectAccessReview", ["spec"] = new JsonObject { ["resourceAttributes"] = attributes },
            }, "application/json", cancellation).ConfigureAwait(false);
            if (review["status"]?["allowed"]?.GetValue<bool>() is not true)
            {
                problems.Add($"you may not {verb} {found.Plural}{(group.Length == 0 ? "" : $".{group}")}{(found.Namespaced ? $" in namespace {session.OsmNamespace}" : "")}; installing needs it, as a cluster's administrator has it");
            }
        }

        return problems;
    }

    // helm leaves definitions that are there alone; if they are somebody else's they may not serve what the mesh reads.
    private async Task<IReadOnlyList<string>> DefinitionsAsync(IReadOnlyList<YamlNode> objects, CancellationToken cancellation)
    {
        var problems = new List<string>();
        foreach (var (name, node) in Definitions(objects))
        {
            if (await kinds.ReadAsync($"apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}", cancellation).ConfigureAwait(false) is not { } there)
            {
                continue;
            }

            var served = there["spec"]!["versions"]!.AsArray().Where(version => (bool)version!["served"]!).Select(version => $"{version!["name"]}").ToArray();
            var missing = Versions(node).Except(served, StringComparer.Ordinal).ToArray();
            if (missing.Length > 0 && (string?)there["metadata"]?["labels"]?["app.kubernetes.io/name"] != "openservicemesh.io")
            {
                problems.Add($"the definition {name} is there and somebody else's, and does not serve {string.Join(" and ", missing)}; whoever installed it has to update or remove it");
            }
        }

        return problems;
    }

    private static IEnumerable<string> Versions(YamlNode definition)
        => ((YamlSequenceNode)definition["spec"]["versions"]).Children.Where(version => Text(version, "served") == "true").Select(version => Text(version, "name")!);
}
