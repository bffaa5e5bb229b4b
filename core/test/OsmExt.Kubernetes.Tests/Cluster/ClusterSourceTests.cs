using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Kubernetes.Sources;
using OsmExt.Kubernetes.Tests.Manifests;
using OsmExt.Kubernetes.Tests.Sources;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;
using OsmExt.Tests.Shared;

namespace OsmExt.Kubernetes.Tests.Cluster;

/// <summary>A cluster as a source of objects: the same objects as from files, and what only a cluster does.</summary>
public sealed class ClusterSourceTests
{
    private const string Target = """
        apiVersion: access.smi-spec.io/v1alpha3
        kind: TrafficTarget
        metadata: {name: store, namespace: shop}
        spec:
          destination: {kind: ServiceAccount, name: store, namespace: shop}
          sources: [{kind: ServiceAccount, name: buyer, namespace: shop}]
          rules: [{kind: TCPRoute, name: all}]
        """;

    private const string Shop = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}";

    [Theory]
    [InlineData("bookstore")]
    [InlineData("full-pod.yaml")]
    [InlineData("full-workloads.yaml")]
    public async Task Objects_are_the_same_as_from_files(string sample)
    {
        await using var cluster = await TestCluster.StartAsync();
        var path = Manifest.SamplePath(sample);
        var documents = (Directory.Exists(path) ? Directory.GetFiles(path) : [path]).Order(StringComparer.Ordinal).SelectMany(file => TestCluster.Read(File.ReadAllText(file))).ToArray();
        foreach (var document in documents.OrderBy(document => (string?)document["kind"] == "Namespace" ? 0 : 1))
        {
            if (document["spec"]?["sidecar"]?["resources"]?["requests"] is JsonObject requests)
            {
                // A file may say 0.1; an API server takes no broken numbers for quantities.
                requests["cpu"] = "100m";
            }

            var ns = (string?)document["metadata"]!["namespace"] ?? "default";
            if (await cluster.FindAsync("v1", "Namespace", "", ns) is null)
            {
                await cluster.ApplyAsync($"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {ns}}}");
            }

            if (ResourceKinds.All.Any(kind => kind.Kind == (string?)document["kind"]) && cluster.Server.Store.Kinds.Named((string)document["apiVersion"]!, (string)document["kind"]!) is not null)
            {
                await OwnAsync(cluster, document, ns);
                await cluster.ApplyAsync(document);
            }
        }

        await using var reading = new ReadCluster(cluster.Client, new());
        var snapshot = await reading.SyncedAsync();

        var files = ResourceSnapshot.Empty.Apply(ManifestDirectory.Load(path), out _);
        Assert.True(files.Count > 0);
        foreach (var expected in files.AllObjects().Where(expected => expected.Kind != EndpointSlice.LegacyKind))
        {
            var found = snapshot.AllObjects().SingleOrDefault(found => found.Key == expected.Key);
            Assert.True(found is not null, $"{expected.Key} is not read from the cluster");
            Assert.Equal(Comparable(expected), Comparable(found));
        }
    }

    [Fact]
    public async Task Changes_come_as_they_do_from_files()
    {
        using var tree = new TempTree();
        await using var cluster = await TestCluster.StartAsync();
        await cluster.ApplyAsync(Shop);
        await using var reading = new ReadCluster(cluster.Client, new());
        await reading.SyncedAsync();
        var key = new ResourceKey("TrafficTarget", "shop", "store");

        foreach (var text in new[] { Target, Target.Replace("name: buyer", "name: thief", StringComparison.Ordinal), Target })
        {
            tree.Replace("target.yaml", text);
            var expected = ResourceSnapshot.Empty.Apply(ManifestDirectory.Load(tree.Root), out _).Find<TrafficTarget>(key)!;
            await cluster.ApplyAsync(text);
            await reading.UntilAsync(now => now.Find<TrafficTarget>(key) is { } found && Comparable(found).Equals(Comparable(expected)), text);
        }

        await cluster.DeleteAsync("access.smi-spec.io/v1alpha3", "TrafficTarget", "shop", "store");
        await reading.UntilAsync(now => now.Find<TrafficTarget>(key) is null, "It was not removed");
    }

    [Fact]
    public async Task Kinds_that_come_later_are_read_without_a_restart_and_go_again()
    {
        await using var cluster = await TestCluster.StartAsync(kinds: false);
        await cluster.ApplyAsync(Shop);
        await using var reading = new ReadCluster(cluster.Client, new() { Reflectors = ReadCluster.Hasty });
        var before = await reading.SyncedAsync();
        Assert.Empty(before.Diagnostics);
        Assert.Empty(before.All<TrafficTarget>());

        await cluster.InstallKindsAsync(name => name.Contains("traffictargets", StringComparison.Ordinal));
        await cluster.ApplyAsync(Target);
        await reading.UntilAsync(now => now.All<TrafficTarget>().Any(), "The kind was not noticed");

        await cluster.DeleteAsync("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", "traffictargets.access.smi-spec.io");
        await reading.UntilAsync(now => !now.All<TrafficTarget>().Any(), "Objects of a kind that is gone stayed");
    }

    [Fact]
    public async Task A_version_that_cannot_be_used_leaves_the_last_good_one_in_force()
    {
        // As definitions are that somebody else has installed: anything goes.
        await using var cluster = await TestCluster.StartAsync(kinds: false);
        await cluster.ApplyAsync("""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: traffictargets.access.smi-spec.io}
            spec:
              group: access.smi-spec.io
              scope: Namespaced
              names: {kind: TrafficTarget, plural: traffictargets, singular: traffictarget, listKind: TrafficTargetList}
              versions:
              - {name: v1alpha3, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true} } }
            """);
        await cluster.ApplyAsync($"{Shop}\n---\n{Target}");
        await using var reading = new ReadCluster(cluster.Client, new());
        var good = Assert.Single((await reading.SyncedAsync()).All<TrafficTarget>());

        await cluster.ApplyAsync(Target.Replace("kind: ServiceAccount, name: store", "kind: ServiceAccount, name: 'NO NAME'", StringComparison.Ordinal));
        var now = await reading.UntilAsync(now => !now.Diagnostics.IsEmpty, "Nothing was found wrong");
        Assert.Equal(good, Assert.Single(now.All<TrafficTarget>()));
        Assert.Contains(now.Diagnostics, finding => finding.Code == DiagnosticCodes.LastGoodKept && finding.Object == good.Key);
        Assert.Contains(now.Diagnostics, finding => finding is { Severity: Severity.Error, Field: "spec.destination.name" });

        await cluster.ApplyAsync(Target);
        await reading.UntilAsync(after => after.Diagnostics.IsEmpty, "It was not mended");
    }

    [Fact]
    public async Task Only_Secrets_that_are_asked_for_are_read_and_by_name()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.ApplyAsync($"{Shop}\n---\n{Secret("token", "b25l")}\n---\n{Secret("other", "b25l")}");
        var asked = new List<ResourceKey> { new("Secret", "shop", "token") };
        var calls = new RecordedCalls();
        using var client = new ClusterClient(cluster.Connection.CreateClient(), TimeProvider.System, calls);
        await using var reading = new ReadCluster(client, new() { Kinds = () => new PluginKinds([], secrets: true), Secrets = () => [.. asked], Look = TimeSpan.FromMilliseconds(10) });
        var token = Assert.Single((await reading.UntilAsync(now => now.All<Secret>().Any(), "The Secret was not read")).All<Secret>());
        Assert.Equal("token", token.Metadata.Name);

        await cluster.ApplyAsync(Secret("token", "dHdv"));
        await reading.UntilAsync(now => now.All<Secret>().Any(secret => !secret.Equals(token)), "The Secret's change was not seen");
        asked.Clear();
        await reading.UntilAsync(now => !now.All<Secret>().Any(), "The Secret was kept");
        Assert.Equal(1, calls.Count("watch", "secrets"));
        Assert.Equal(0, calls.Count("list", "secrets"));
    }

    [Fact]
    public async Task What_may_not_be_read_is_said_and_holds_up_the_first_snapshot()
    {
        await using var cluster = await TestCluster.StartAsync();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var client = new ClusterClient((await cluster.ConnectAsync("nobody")).CreateClient(), TimeProvider.System);
        var source = new ClusterSource(client, new() { Reflectors = ReadCluster.Hasty }, TimeProvider.System, new(1));
        await foreach (var batch in source.WatchAsync(stop.Token))
        {
            Assert.False(batch.IsSynced);
            Assert.Empty(batch.Changes);
            if (batch.Diagnostics.Any(finding => finding.Code == DiagnosticCodes.ClusterNotRead && finding.Message.StartsWith("Pod objects cannot be read", StringComparison.Ordinal)))
            {
                return;
            }
        }
    }

    [Fact]
    public async Task Nothing_is_kept_of_what_kubectl_notes_beside_an_object()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.ApplyAsync($$"""
            {{Shop}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: store, namespace: shop, annotations: {kubectl.kubernetes.io/last-applied-configuration: "{}", kept: "yes"} }
            spec: {ports: [{port: 80}]}
            """);
        await using var reading = new ReadCluster(cluster.Client, new());
        var service = (await reading.SyncedAsync()).Find<Service>(new("Service", "shop", "store"))!;
        Assert.Equal("kept", Assert.Single(service.Metadata.Annotations).Key);
    }

    // In a cluster what has an owner that is not there is collected.
    private static async Task OwnAsync(TestCluster cluster, JsonObject document, string ns)
    {
        document["metadata"]!.AsObject().Remove("uid");
        foreach (var reference in document["metadata"]!["ownerReferences"] as JsonArray ?? [])
        {
            var (version, kind, name) = ((string?)reference!["apiVersion"] ?? "apps/v1", (string)reference["kind"]!, (string)reference["name"]!);
            var owner = await cluster.FindAsync(version, kind, ns, name)
                ?? await cluster.ApplyAsync(JsonNode.Parse(
                    $$$"""
                    {"apiVersion": "{{{version}}}", "kind": "{{{kind}}}", "metadata": {"name": "{{{name}}}", "namespace": "{{{ns}}}"}, "spec": {"selector": {"matchLabels": {"owner": "{{{name}}}" } },
                      "template": {"metadata": {"labels": {"owner": "{{{name}}}" } }, "spec": {"containers": [{"name": "main", "image": "main"}] } } } }
                    """)!.AsObject());
            (reference["apiVersion"], reference["uid"]) = (version, (string)owner["metadata"]!["uid"]!);
        }
    }

    private static string Secret(string name, string value) => $$"""
        apiVersion: v1
        kind: Secret
        metadata: {name: {{name}}, namespace: shop}
        data: {value: "{{value}}"}
        """;

    // What a server adds: identity, age, the label that names a namespace, a service's address and its ports' targets; and what kubectl adds.
    private static Resource Comparable(Resource resource)
    {
        var plain = resource with
        {
            Metadata = resource.Metadata with
            {
                Uid = "", Generation = null, Created = null,
                Labels = Sdk.Collections.LabelSet.From(resource.Metadata.Labels.Where(label => label.Key != "kubernetes.io/metadata.name")),
                Annotations = Sdk.Collections.LabelSet.From(resource.Metadata.Annotations.Where(annotation => annotation.Key != "kubectl.kubernetes.io/last-applied-configuration")),
            },
        };
        return plain is not Service service ? plain : service with
        {
            ClusterAddresses = [],
            Ports = [.. service.Ports.Select(port => port with { TargetPort = port.TargetPort.Length > 0 ? port.TargetPort : $"{port.Port}" })],
        };
    }
}

/// <summary>Counts requests.</summary>
internal sealed class RecordedCalls : IClusterObserver
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<(string Verb, string Resource), int> _counts = new();
    private int _lists;

    public int Total => _counts.Values.Sum();

    /// <summary>Lists that were not the first of their kind.</summary>
    public int ListedAgain => _lists;

    public int Count(string verb, string resource) => _counts.GetValueOrDefault((verb, resource));

    public void Called(string verb, string resource, int status) => _counts.AddOrUpdate((verb, resource), 1, (_, count) => count + 1);

    public void Listing(string resource, bool again)
    {
        if (again)
        {
            Interlocked.Increment(ref _lists);
        }
    }

    public override string ToString() => string.Join(", ", _counts.OrderBy(call => call.Key).Select(call => $"{call.Value} {call.Key.Verb} {call.Key.Resource}"));
}
