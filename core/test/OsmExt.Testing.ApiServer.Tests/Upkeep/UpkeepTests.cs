using k8s;
using k8s.Models;
using OsmExt.Testing.ApiServer.Storage;
using OsmExt.Testing.ApiServer.Tests.Serving;

namespace OsmExt.Testing.ApiServer.Tests.Upkeep;

public class UpkeepTests
{
    private static readonly GroupResource ConfigMaps = new("", "configmaps");
    private static readonly GroupResource Secrets = new("", "secrets");

    [Fact]
    public async Task A_namespace_has_an_account_and_the_authority_and_ends_with_all_that_is_in_it()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = ClientTests.Connect(server);
        await client.CoreV1.CreateNamespaceAsync(new() { Metadata = new() { Name = "shop" } });
        await Until(server, state => state.Find(new("", "serviceaccounts"), new("shop", "default")) is not null && state.Find(ConfigMaps, new("shop", "kube-root-ca.crt")) is not null);
        await client.CoreV1.CreateNamespacedSecretAsync(new() { Metadata = new() { Name = "held", Finalizers = ["example.com/hold"] } }, "shop");
        await client.CoreV1.DeleteNamespaceAsync("shop");
        Assert.Equal("Terminating", server.Store.State.Find(new("", "namespaces"), new("", "shop"))?.Object.Object("status")?.Text("phase"));
        await Until(server, state => state.Find(Secrets, new("shop", "held"))?.Object.Metadata().Text("deletionTimestamp") is not null);
        var refused = await Assert.ThrowsAsync<k8s.Autorest.HttpOperationException>(() => client.CoreV1.CreateNamespacedSecretAsync(new() { Metadata = new() { Name = "new" } }, "shop"));
        Assert.Contains("because it is being terminated", refused.Response.Content, StringComparison.Ordinal);
        await client.CoreV1.PatchNamespacedSecretAsync(new("""{"metadata":{"finalizers":null}}""", V1Patch.PatchType.MergePatch), "held", "shop");
        await Until(server, state => state.Find(new("", "namespaces"), new("", "shop")) is null && state.Objects.Values.All(kind => kind.Values.All(stored => stored.Name.Namespace != "shop")));
    }

    [Fact]
    public async Task Dependents_go_with_their_owner_after_it_before_it_or_not()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = ClientTests.Connect(server);
        await OwnedAsync("background");
        await client.CoreV1.DeleteNamespacedConfigMapAsync("background", "default");
        await Until(server, state => state.Find(Secrets, new("default", "background")) is null);

        await OwnedAsync("orphan");
        await client.CoreV1.DeleteNamespacedConfigMapAsync("orphan", "default", propagationPolicy: "Orphan");
        await Until(server, state => state.Find(ConfigMaps, new("default", "orphan")) is null);
        Assert.Empty((await client.CoreV1.ReadNamespacedSecretAsync("orphan", "default")).Metadata.OwnerReferences ?? []);

        await OwnedAsync("foreground", "example.com/hold");
        await client.CoreV1.DeleteNamespacedConfigMapAsync("foreground", "default", propagationPolicy: "Foreground");
        await Until(server, state => state.Find(Secrets, new("default", "foreground"))?.Object.Metadata().Text("deletionTimestamp") is not null);
        Assert.Contains("foregroundDeletion", (await client.CoreV1.ReadNamespacedConfigMapAsync("foreground", "default")).Metadata.Finalizers);
        await client.CoreV1.PatchNamespacedSecretAsync(new("""{"metadata":{"finalizers":null}}""", V1Patch.PatchType.MergePatch), "foreground", "default");
        await Until(server, state => state.Find(ConfigMaps, new("default", "foreground")) is null && state.Find(Secrets, new("default", "foreground")) is null);

        async Task OwnedAsync(string name, params string[] finalizers)
        {
            var owner = await client.CoreV1.CreateNamespacedConfigMapAsync(new() { Metadata = new() { Name = name } }, "default");
            var reference = new V1OwnerReference { ApiVersion = "v1", Kind = "ConfigMap", Name = name, Uid = owner.Uid(), BlockOwnerDeletion = true };
            await client.CoreV1.CreateNamespacedSecretAsync(new() { Metadata = new() { Name = name, OwnerReferences = [reference], Finalizers = finalizers } }, "default");
        }
    }

    [Fact]
    public async Task A_kind_ends_with_its_objects()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = new ApiClient(server);
        (await client.PostAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Schemas.CustomResourceTests.Definition)).Expect(201);
        (await client.PostAsync("/apis/example.com/v1/namespaces/default/shops", "{apiVersion: example.com/v1, kind: Shop, metadata: {name: a}, spec: {size: 2}}")).Expect(201);
        (await client.SendAsync(HttpMethod.Delete, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/shops.example.com")).Expect(200);
        await Until(server, state => state.Of(KindTable.Definitions).IsEmpty && state.Of(new("example.com", "shops")).IsEmpty);
        (await client.GetAsync("/apis/example.com/v1/namespaces/default/shops")).Expect(404);
    }

    [Fact]
    public async Task Workloads_get_pods_and_services_endpoints_when_asked_for()
    {
        await using var server = await ApiServer.StartAsync(new() { Controllers = true, ReadyPods = true });
        using var client = ClientTests.Connect(server);
        await client.AppsV1.CreateNamespacedDeploymentAsync(ClientTests.Deployment(), "default");
        await client.CoreV1.CreateNamespacedServiceAsync(new() { Metadata = new() { Name = "web" }, Spec = new() { Selector = new Dictionary<string, string> { ["app"] = "web" }, Ports = [new() { Port = 8080, TargetPort = 80 }] } }, "default");
        await Until(server, state => state.Of(new("discovery.k8s.io", "endpointslices")).Values.Any(slice => slice.Object.Objects("endpoints").Count() == 2));
        await Until(server, state => state.Find(new("apps", "deployments"), new("default", "web"))?.Object.Object("status")?.Number("availableReplicas") == 2);
        await client.AppsV1.DeleteNamespacedDeploymentAsync("web", "default");
        await Until(server, state => state.Of(new("", "pods")).IsEmpty && state.Of(new("discovery.k8s.io", "endpointslices")).Values.All(slice => !slice.Object.Objects("endpoints").Any()));
    }

    // Waits on the store itself, so that nothing passes unseen.
    private static async Task Until(ApiServer server, Func<StoreState, bool> reached)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var (_, state, next) = server.Store.After(server.Store.State.Revision)!.Value;
            if (reached(state))
            {
                return;
            }

            await next.WaitAsync(late.Token);
        }
    }
}
