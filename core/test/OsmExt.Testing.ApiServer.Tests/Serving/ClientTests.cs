using System.Net;
using System.Text;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace OsmExt.Testing.ApiServer.Tests.Serving;

/// <summary>KubernetesClient, which OsmExt itself uses, against the server.</summary>
public class ClientTests
{
    [Fact]
    public async Task Objects_are_made_read_changed_and_deleted()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = Connect(server);
        var made = await client.CoreV1.CreateNamespacedConfigMapAsync(new() { Metadata = new() { GenerateName = "shop-" }, Data = new Dictionary<string, string> { ["a"] = "1" } }, "default");
        Assert.Matches("^shop-[a-z0-9]{5}$", made.Name());
        Assert.NotNull(made.Uid());
        made.Data["a"] = "2";
        var changed = await client.CoreV1.ReplaceNamespacedConfigMapAsync(made, made.Name(), "default");
        Assert.Equal("2", changed.Data["a"]);
        made.Data["a"] = "3";
        var stale = await Assert.ThrowsAsync<HttpOperationException>(() => client.CoreV1.ReplaceNamespacedConfigMapAsync(made, made.Name(), "default"));
        Assert.Equal(HttpStatusCode.Conflict, stale.Response.StatusCode);
        Assert.Contains("the object has been modified", stale.Response.Content, StringComparison.Ordinal);
        var status = await client.CoreV1.DeleteNamespacedConfigMapAsync(made.Name(), "default");
        Assert.Equal("Success", status.Status);
        var gone = await Assert.ThrowsAsync<HttpOperationException>(() => client.CoreV1.ReadNamespacedConfigMapAsync(made.Name(), "default"));
        Assert.Equal(HttpStatusCode.NotFound, gone.Response.StatusCode);
    }

    [Fact]
    public async Task A_change_of_nothing_makes_no_revision_and_no_generation()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = Connect(server);
        var made = await client.AppsV1.CreateNamespacedDeploymentAsync(Deployment(), "default");
        Assert.Equal(1, made.Metadata.Generation);
        Assert.Equal(made.ResourceVersion(), (await client.AppsV1.ReplaceNamespacedDeploymentAsync(made, "web", "default")).ResourceVersion());
        made.Spec.Replicas = 5;
        var scaled = await client.AppsV1.ReplaceNamespacedDeploymentAsync(made, "web", "default");
        Assert.Equal(2, scaled.Metadata.Generation);
        scaled.Status.ReadyReplicas = 3;
        scaled.Spec.Replicas = 9;
        var reported = await client.AppsV1.ReplaceNamespacedDeploymentStatusAsync(scaled, "web", "default");
        Assert.Equal((2, 5, 3), (reported.Metadata.Generation, reported.Spec.Replicas, reported.Status.ReadyReplicas));
        var scale = await client.AppsV1.ReadNamespacedDeploymentScaleAsync("web", "default");
        Assert.Equal((5, "app=web"), (scale.Spec.Replicas, scale.Status.Selector));
    }

    [Fact]
    public async Task Pages_of_a_list_are_of_one_revision_until_it_is_forgotten()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = Connect(server);
        await client.CoreV1.CreateNamespaceAsync(new() { Metadata = new() { Name = "pages" } });
        foreach (var name in new[] { "a", "b", "c", "d", "e" })
        {
            await client.CoreV1.CreateNamespacedSecretAsync(new() { Metadata = new() { Name = name } }, "pages");
        }

        var first = await client.CoreV1.ListNamespacedSecretAsync("pages", limit: 2);
        Assert.Equal(["a", "b"], first.Items.Select(item => item.Name()));
        Assert.Equal(3, first.Metadata.RemainingItemCount);
        await client.CoreV1.DeleteNamespacedSecretAsync("c", "pages");
        var second = await client.CoreV1.ListNamespacedSecretAsync("pages", limit: 2, continueParameter: first.Metadata.ContinueProperty);
        Assert.Equal(["c", "d"], second.Items.Select(item => item.Name()));
        Assert.Equal(first.ResourceVersion(), second.ResourceVersion());
        server.Faults.Compact();
        var late = await Assert.ThrowsAsync<HttpOperationException>(() => client.CoreV1.ListNamespacedSecretAsync("pages", limit: 2, continueParameter: second.Metadata.ContinueProperty));
        Assert.Equal(HttpStatusCode.Gone, late.Response.StatusCode);
        var token = KubernetesJson.Deserialize<V1Status>(late.Response.Content).Metadata.ContinueProperty;
        Assert.Equal(["e"], (await client.CoreV1.ListNamespacedSecretAsync("pages", continueParameter: token)).Items.Select(item => item.Name()));
    }

    [Fact]
    public async Task Selectors_choose_by_labels_and_fields()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = Connect(server);
        foreach (var (name, tier) in new[] { ("one", "web"), ("two", "api"), ("three", "api") })
        {
            var pod = new V1Pod { Metadata = new() { Name = name, Labels = new Dictionary<string, string> { ["tier"] = tier } }, Spec = new() { NodeName = name == "three" ? "n1" : null, Containers = [new() { Name = "c", Image = "i" }] } };
            await client.CoreV1.CreateNamespacedPodAsync(pod, "default");
        }

        Assert.Equal(["three", "two"], await Names(labels: "tier in (api, db)"));
        Assert.Equal(["one"], await Names(labels: "tier!=api"));
        Assert.Equal(["three"], await Names(fields: "spec.nodeName=n1"));
        Assert.Equal(["two"], await Names(labels: "tier=api", fields: "spec.nodeName!=n1"));
        var unknown = await Assert.ThrowsAsync<HttpOperationException>(() => Names(fields: "spec.hostname=x"));
        Assert.Contains("field label not supported: spec.hostname", unknown.Response.Content, StringComparison.Ordinal);

        async Task<string[]> Names(string? labels = null, string? fields = null)
            => [.. (await client.CoreV1.ListNamespacedPodAsync("default", labelSelector: labels, fieldSelector: fields)).Items.Select(item => item.Name())];
    }

    [Fact]
    public async Task A_token_says_whose_it_is_as_long_as_its_pod_is_there()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = Connect(server);
        await client.CoreV1.CreateNamespacedServiceAccountAsync(new() { Metadata = new() { Name = "shop" } }, "default");
        await client.CoreV1.CreateNamespacedPodAsync(new() { Metadata = new() { Name = "p" }, Spec = new() { ServiceAccountName = "shop", Containers = [new() { Name = "c", Image = "i" }] } }, "default");
        var request = new Authenticationv1TokenRequest { Spec = new() { Audiences = ["osm"], BoundObjectRef = new() { Kind = "Pod", ApiVersion = "v1", Name = "p" } } };
        var token = (await client.CoreV1.CreateNamespacedServiceAccountTokenAsync(request, "shop", "default")).Status.Token;
        var review = await Review(token, "osm");
        Assert.True(review.Status.Authenticated);
        Assert.Equal("system:serviceaccount:default:shop", review.Status.User.Username);
        Assert.Equal(["p"], review.Status.User.Extra["authentication.kubernetes.io/pod-name"]);
        Assert.NotEqual(true, (await Review(token, "other")).Status.Authenticated);
        Assert.NotEqual(true, (await Review(token + "x", "osm")).Status.Authenticated);
        await client.CoreV1.DeleteNamespacedPodAsync("p", "default");
        Assert.NotEqual(true, (await Review(token, "osm")).Status.Authenticated);

        Task<V1TokenReview> Review(string text, string audience) => client.AuthenticationV1.CreateTokenReviewAsync(new() { Spec = new() { Token = text, Audiences = [audience] } });
    }

    [Fact]
    public async Task Events_are_the_same_in_both_groups()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = Connect(server);
        await client.EventsV1.CreateNamespacedEventAsync(new()
        {
            Metadata = new() { Name = "e" }, Note = "hello", Reason = "Said", Type = "Normal", EventTime = DateTime.UnixEpoch, ReportingController = "osm", ReportingInstance = "osm-1", Action = "Say",
            Regarding = new() { Kind = "Pod", Name = "p", NamespaceProperty = "default" },
        }, "default");
        var seen = (await client.CoreV1.ListNamespacedEventAsync("default", fieldSelector: "involvedObject.name=p")).Items.Single();
        Assert.Equal(("hello", "osm", "p"), (seen.Message, seen.ReportingComponent, seen.InvolvedObject.Name));
        Assert.Equal("hello", (await client.EventsV1.ReadNamespacedEventAsync("e", "default")).Note);
    }

    [Fact]
    public async Task Without_credentials_nothing_but_health_and_version_is_answered()
    {
        await using var server = await ApiServer.StartAsync();
        using var strangers = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true }) { BaseAddress = server.Address };
        Assert.Equal("ok", await strangers.GetStringAsync(new Uri("/readyz", UriKind.Relative)));
        Assert.Equal(HttpStatusCode.Forbidden, (await strangers.GetAsync(new Uri("/api/v1/secrets", UriKind.Relative))).StatusCode);
        strangers.DefaultRequestHeaders.Authorization = new("Bearer", "nonsense");
        Assert.Equal(HttpStatusCode.Unauthorized, (await strangers.GetAsync(new Uri("/api/v1/secrets", UriKind.Relative))).StatusCode);
    }

    internal static Kubernetes Connect(ApiServer server, string user = "admin")
    {
        using var text = new MemoryStream(Encoding.UTF8.GetBytes(server.Kubeconfig(user)));
        return new(KubernetesClientConfiguration.BuildConfigFromConfigFile(text));
    }

    internal static V1Deployment Deployment(string image = "web:1") => new()
    {
        Metadata = new() { Name = "web" },
        Spec = new()
        {
            Replicas = 2,
            Selector = new() { MatchLabels = new Dictionary<string, string> { ["app"] = "web" } },
            Template = new() { Metadata = new() { Labels = new Dictionary<string, string> { ["app"] = "web" } }, Spec = new() { Containers = [new() { Name = "web", Image = image, Ports = [new() { ContainerPort = 80 }] }] } },
        },
    };
}
