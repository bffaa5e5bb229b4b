using System.Collections.Immutable;
using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Sources;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;
using OsmExt.Yaml;

namespace OsmExt.Cli.Local.Api;

/// <summary>The objects of manifest files as an API server is sent them: one by one, without what a cluster finds out by itself.</summary>
/// <param name="Objects">The objects. Of several with one name the last counts.</param>
/// <param name="Pods">The pods among them, with the addresses they are given.</param>
/// <param name="Problems">What cannot be read, or is left to the cluster; a line each.</param>
/// <param name="IsWhole">Whether everything could be read.</param>
internal sealed record ManifestDocuments(
    IReadOnlyDictionary<FedObject, JsonObject> Objects, ImmutableDictionary<ResourceKey, EquatableArray<string>> Pods, IReadOnlyList<string> Problems, bool IsWhole)
{
    public static ManifestDocuments Read(DirectoryScan scan, long mostBytes)
    {
        var (objects, problems) = (new Dictionary<FedObject, JsonObject>(), scan.Gaps.Select(gap => $"{gap.Path}: {gap.Message}").ToList());
        foreach (var file in scan.Files)
        {
            var text = FileText.Read(file, mostBytes);
            var (documents, mistakes) = YamlText.Read(text.Text ?? "");
            problems.AddRange(mistakes.Select(mistake => $"{file.Path}:{mistake.Position.Line}: {mistake.Message}"));
            problems.AddRange(text.Problem is { } problem ? [$"{file.Path}: {problem.Message}"] : []);
            foreach (var item in documents.SelectMany(document => Items(ManifestJson.Of(document.Root))))
            {
                objects[KeyOf(item)] = item;
            }
        }

        var isWhole = problems.Count == 0;
        var pods = objects.Where(entry => entry.Key.Kind == nameof(Pod)).ToImmutableDictionary(entry => new ResourceKey(nameof(Pod), entry.Key.Namespace, entry.Key.Name), entry => AddressesIn(entry.Value));
        LeaveToTheCluster(objects, problems);
        foreach (var missing in objects.Keys.Select(item => item.Namespace).Where(ns => ns.Length > 0).Distinct().Select(ns => new FedObject("v1", "Namespace", "", ns)).Where(ns => !objects.ContainsKey(ns)).ToArray())
        {
            objects[missing] = new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = missing.Name } };
        }

        return new(objects, pods, problems, isWhole);
    }

    // What serves a Service with a selector a cluster finds out, and goes on finding out when pods come and go.
    private static void LeaveToTheCluster(Dictionary<FedObject, JsonObject> objects, List<string> problems)
    {
        var selecting = objects.Where(entry => entry.Key.Kind == nameof(Service) && entry.Value["spec"]?["selector"] is JsonObject { Count: > 0 }).Select(entry => (entry.Key.Namespace, entry.Key.Name)).ToHashSet();
        foreach (var (item, document) in objects.ToArray())
        {
            var service = item.Kind == EndpointSlice.LegacyKind ? item.Name : (string?)document["metadata"]?["labels"]?["kubernetes.io/service-name"];
            if (item.Kind == EndpointSlice.LegacyKind || (item.Kind == nameof(EndpointSlice) && (string?)document["addressType"] is null or "IPv4"))
            {
                if (selecting.Contains((item.Namespace, service ?? "")))
                {
                    objects.Remove(item);
                }
                else if (item.Kind == EndpointSlice.LegacyKind)
                {
                    objects.Remove(item);
                    problems.Add($"{item} is not taken: Endpoints are not read of a cluster; write an EndpointSlice");
                }
            }

            // How far something is says whoever does it.
            document.Remove("status");
            RememberAsApplied(document);
        }
    }

    // As kubectl apply would, so that it can go on with the object: what a later version does not say any more it then removes.
    private static void RememberAsApplied(JsonObject document)
    {
        const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";
        var text = document.ToJsonString();
        var metadata = document["metadata"]!.AsObject();
        var annotations = metadata["annotations"] as JsonObject ?? [];
        annotations[Annotation] = $"{text}\n";
        if (annotations.Parent is null)
        {
            metadata["annotations"] = annotations;
        }
    }

    private static IEnumerable<JsonObject> Items(JsonNode? document) => document switch
    {
        JsonObject list when ((string?)list["kind"])?.EndsWith("List", StringComparison.Ordinal) == true && list["items"] is JsonArray items => items.SelectMany(item => Items(item?.DeepClone())),
        JsonObject { } item when item["apiVersion"] is JsonValue && item["kind"] is JsonValue && item["metadata"]?["name"] is not null && !HasRun(item) => [item],
        _ => [],
    };

    private static bool HasRun(JsonObject item) => (string?)item["kind"] == nameof(Pod) && (string?)item["status"]?["phase"] is "Succeeded" or "Failed";

    private static FedObject KeyOf(JsonObject item)
    {
        var (version, kind) = ($"{item["apiVersion"]}", $"{item["kind"]}");
        var isGlobal = kind is "Namespace" or "CustomResourceDefinition" or "ClusterRole" or "ClusterRoleBinding" or "PersistentVolume" or "StorageClass" or "Node"
            or "PriorityClass" or "IngressClass" or "GatewayClass" or "MutatingWebhookConfiguration" or "ValidatingWebhookConfiguration";
        return new(version, kind, isGlobal ? "" : (string?)item["metadata"]!["namespace"] ?? "default", $"{item["metadata"]!["name"]}");
    }

    private static EquatableArray<string> AddressesIn(JsonObject pod) => pod["status"] switch
    {
        JsonObject status when status["podIPs"] is JsonArray { Count: > 0 } all => all.Select(entry => $"{entry?["ip"]}").ToEquatableArray(),
        JsonObject status when status["podIP"] is JsonValue one => new[] { $"{one}" }.ToEquatableArray(),
        _ => [],
    };
}
