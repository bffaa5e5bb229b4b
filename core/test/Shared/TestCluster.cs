using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Testing.ApiServer;
using YamlDotNet.Serialization;

namespace OsmExt.Tests.Shared;

/// <summary>A test API server with OsmExt's kinds, and what a test does to it through its front door.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private TestCluster(ApiServer server) => Server = server;

    /// <summary>For files of the test.</summary>
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("osm-cluster-").FullName;

    public ApiServer Server { get; }

    /// <summary>Asks as an administrator, and never fails by itself.</summary>
    public ClusterClient Client { get; private set; } = null!;

    /// <summary>The administrator's kubeconfig.</summary>
    public string Kubeconfig => Path.Combine(Directory, "admin.kubeconfig");

    /// <summary>How a program finds the server.</summary>
    public ClusterConnection Connection { get; private set; } = null!;

    /// <param name="options">How the server is.</param>
    /// <param name="kinds">Whether OsmExt's kinds are there.</param>
    public static async Task<TestCluster> StartAsync(ApiServerOptions? options = null, bool kinds = true)
    {
        var cluster = new TestCluster(await ApiServer.StartAsync(options));
        cluster.Connection = await cluster.ConnectAsync("admin");
        cluster.Client = new(cluster.Connection.CreateClient(), TimeProvider.System);
        await cluster.ApplyAsync("apiVersion: v1\nkind: Namespace\nmetadata: {name: osm-system}");
        if (kinds)
        {
            await cluster.InstallKindsAsync();
        }

        return cluster;
    }

    public async Task<ClusterConnection> ConnectAsync(string user)
    {
        var file = Path.Combine(Directory, $"{user.Replace(':', '-')}.kubeconfig");
        await File.WriteAllTextAsync(file, Server.Kubeconfig(user));
        return await ClusterConnection.FindAsync(new() { Kubeconfig = file }, CancellationToken.None);
    }

    public async Task InstallKindsAsync(Func<string, bool>? isWanted = null)
    {
        foreach (var file in System.IO.Directory.GetFiles(Path.Combine(Repository(), "core/charts/osm/crds"), "*.yaml").Where(file => isWanted?.Invoke(Path.GetFileName(file)) != false))
        {
            await ApplyAsync(await File.ReadAllTextAsync(file));
        }
    }

    /// <summary>Makes objects, or replaces them, and their statuses where they have one.</summary>
    public async Task ApplyAsync(string yaml)
    {
        foreach (var value in Read(yaml))
        {
            await ApplyAsync(value);
        }
    }

    public async Task<JsonNode> ApplyAsync(JsonObject value)
    {
        var (resource, ns, name) = Of(value);
        var call = new ApiCall("get", resource.Plural, resource.Of(ns, name));
        var before = await Client.FindAsync(call, CancellationToken.None);
        var next = value.DeepClone().AsObject();
        next["metadata"]!.AsObject().Remove("resourceVersion");
        if (before is not null)
        {
            next["metadata"]!["resourceVersion"] = (string?)before["metadata"]!["resourceVersion"];
        }

        var written = await Client.AskAsync(
            before is null ? new ApiCall("create", resource.Plural, resource.In(ns)) { Body = next } : call with { Verb = "update", Body = next }, CancellationToken.None);
        return value["status"] is not { } status ? written : await Client.AskAsync(
            new("patch", $"{resource.Plural}/status", $"{call.Path}/status") { ContentType = ApiCall.MergePatch, Body = new JsonObject { ["status"] = status.DeepClone() } }, CancellationToken.None);
    }

    public Task DeleteAsync(string apiVersion, string kind, string ns, string name)
    {
        var resource = Resource(apiVersion, kind);
        return Client.AskAsync(new("delete", resource.Plural, resource.Of(ns, name)), CancellationToken.None);
    }

    public Task<JsonNode?> FindAsync(string apiVersion, string kind, string ns, string name)
    {
        var resource = Resource(apiVersion, kind);
        return Client.FindAsync(new("get", resource.Plural, resource.Of(ns, name)), CancellationToken.None);
    }

    /// <summary>The documents of a text, lists taken apart.</summary>
    public static IEnumerable<JsonObject> Read(string yaml)
    {
        var (reader, writer) = (new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build(), new SerializerBuilder().JsonCompatible().Build());
        var parser = new YamlDotNet.Core.Parser(new StringReader(yaml));
        YamlDotNet.Core.ParserExtensions.Consume<YamlDotNet.Core.Events.StreamStart>(parser);
        while (YamlDotNet.Core.ParserExtensions.Accept<YamlDotNet.Core.Events.DocumentStart>(parser, out _))
        {
            if (reader.Deserialize(parser) is { } document && JsonNode.Parse(writer.Serialize(document)) is JsonObject value)
            {
                foreach (var item in value["items"] is JsonArray items ? items.OfType<JsonObject>() : [value])
                {
                    yield return item;
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private (ApiResource Resource, string Namespace, string Name) Of(JsonObject value)
        => (Resource((string)value["apiVersion"]!, (string)value["kind"]!), (string?)value["metadata"]!["namespace"] ?? "default", (string)value["metadata"]!["name"]!);

    private ApiResource Resource(string apiVersion, string kind)
    {
        var found = Server.Store.Kinds.Named(apiVersion, kind) ?? throw new InvalidOperationException($"The server has no {kind} in {apiVersion}");
        return new(found.Group, found.Version, found.Plural, found.Namespaced);
    }

    private static string Repository([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../.."));
}
