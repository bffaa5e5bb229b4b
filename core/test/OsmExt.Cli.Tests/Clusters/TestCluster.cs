using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Testing.ApiServer;
using YamlDotNet.Serialization;

namespace OsmExt.Cli.Tests.Clusters;

/// <summary>A cluster for the program: a test API server, and what is said to stand behind its pods.</summary>
internal sealed class TestCluster : IPodEndpoints, IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("osm-cluster-");
    private readonly ConcurrentDictionary<string, EndPoint> _ports = new(StringComparer.Ordinal);
    private ApiServer _server = null!;

    public ConcurrentDictionary<string, string> Logs { get; } = new(StringComparer.Ordinal);

    public string Kubeconfig { get; private set; } = "";

    public string Root => _directory.FullName;

    /// <summary>Starts it with objects.</summary>
    public static Task<TestCluster> StartAsync(params string[] manifests) => StartAsync(new(), manifests);

    /// <summary>Starts it with objects, in which Deployments get pods that are ready.</summary>
    public static Task<TestCluster> StartWithPodsAsync(params string[] manifests) => StartAsync(new() { Controllers = true, ReadyPods = true }, manifests);

    private static async Task<TestCluster> StartAsync(ApiServerOptions options, string[] manifests)
    {
        var cluster = new TestCluster();
        cluster._server = await ApiServer.StartAsync(options with { Pods = cluster });
        cluster.Kubeconfig = cluster.Write("kubeconfig", cluster._server.Kubeconfig());
        foreach (var text in manifests)
        {
            await cluster.CreateAsync(text);
        }

        return cluster;
    }

    public string Write(string name, string text)
    {
        var path = Path.Join(_directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>A kubeconfig of another user.</summary>
    public string KubeconfigOf(string user) => Write($"kubeconfig-{user.Replace(':', '-')}", _server.Kubeconfig(user));

    /// <summary>Runs the program with it.</summary>
    public Task<Finished> OsmAsync(string arguments) => Osm.RunAsync([.. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--kubeconfig", Kubeconfig]);

    /// <summary>Makes objects.</summary>
    public async Task CreateAsync(string yaml)
    {
        foreach (var document in yaml.Split("\n---\n").Where(text => text.Trim().Length > 0))
        {
            var value = (JsonObject)JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize(document)!))!;
            var (version, ns) = ((string)value["apiVersion"]!, (string?)value["metadata"]!["namespace"]);
            var collection = $"{(version == "v1" ? "api" : "apis")}/{version}{(ns is null ? "" : $"/namespaces/{ns}")}/{((string)value["kind"]!).ToLowerInvariant()}s";
            var made = await SendAsync(HttpMethod.Post, collection, value);
            if (value["status"] is { } status)
            {
                made["status"] = status.DeepClone();
                await SendAsync(HttpMethod.Put, $"{collection}/{made["metadata"]!["name"]}/status", made);
            }
        }
    }

    /// <summary>An object as it is now.</summary>
    public Task<JsonObject> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    /// <summary>Writes an object as somebody else would.</summary>
    public Task<JsonObject> PutAsync(string path, JsonObject value) => SendAsync(HttpMethod.Put, path, value);

    /// <summary>Says where a port of a pod is.</summary>
    public void Listen(string pod, int port, string address) => _ports[$"{pod}:{port}"] = IPEndPoint.Parse(address);

    public EndPoint? PortOf(string podNamespace, string pod, int port) => _ports.GetValueOrDefault($"{podNamespace}/{pod}:{port}");

    public string? LogOf(string podNamespace, string pod, string container, bool previous) => Logs.GetValueOrDefault($"{podNamespace}/{pod}/{container}{(previous ? "/previous" : "")}");

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private async Task<JsonObject> SendAsync(HttpMethod method, string path, JsonNode? content)
    {
        var connection = await ClusterConnection.FindAsync(new() { Kubeconfig = Kubeconfig }, CancellationToken.None);
        using var client = connection.CreateClient();
        using var request = new HttpRequestMessage(method, new Uri(_server.Address, path)) { Content = content is null ? null : JsonContent.Create(content, content.GetType()) };
        using var answer = await client.HttpClient.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {text}");
        return (JsonObject)JsonNode.Parse(text)!;
    }
}

/// <summary>Objects that tests of several commands want.</summary>
internal static class ClusterObjects
{
    public const string ControlPlane = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: osm-system}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: osm-controller, namespace: osm-system, labels: {app: osm-controller, meshName: osm, app.kubernetes.io/version: 0.1.0} }
        spec:
          selector: {matchLabels: {app: osm-controller} }
          template:
            metadata: {labels: {app: osm-controller} }
            spec: {containers: [{name: osm-controller, image: osm} ] }
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: osm-controller-1, namespace: osm-system, labels: {app: osm-controller} }
        spec: {containers: [{name: osm-controller, image: osm} ] }
        status: {phase: Running, podIP: 10.0.0.1, conditions: [{type: Ready, status: "True"} ] }
        """;

    public static string Namespace(string name, string labels = "", string annotations = "")
        => $"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{{labels}}}, annotations: {{{annotations}}}}}\n";

    public static string Pod(string ns, string name, bool meshed = true, string address = "10.0.0.9") => $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: {{name}}, namespace: {{ns}}, labels: {app: {{name}}{{(meshed ? ", osm-proxy-uuid: 6f1f3a4e-58a5-4b06-9d8b-0a5b8a3c6a01" : "")}} } }
        spec:
          serviceAccountName: {{name}}
          containers: [{name: app, image: app}{{(meshed ? ", {name: envoy, image: envoy}" : "")}} ]
        status: {phase: Running, podIP: {{address}}, podIPs: [{ip: {{address}} } ], conditions: [{type: Ready, status: "True"} ] }
        """;
}
