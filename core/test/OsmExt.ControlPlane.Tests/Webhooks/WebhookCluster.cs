using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.ControlPlane.Webhooks;
using OsmExt.Identity;
using OsmExt.Kubernetes.Injection;
using OsmExt.Testing.ApiServer;
using OsmExt.Tests.Shared;

namespace OsmExt.ControlPlane.Tests.Webhooks;

/// <summary>A test API server and a control plane on it whose webhooks are registered, as the chart registers them.</summary>
internal sealed class WebhookCluster : IAsyncDisposable
{
    private HttpClient _http = null!;
    private Uri? _webhooks;

    public TestCluster Cluster { get; private set; } = null!;

    public RunningControlPlane Plane { get; private set; } = null!;

    public static async Task<WebhookCluster> StartAsync(Func<WebhookOptions, WebhookOptions>? configure = null)
    {
        var started = new WebhookCluster();
        started.Cluster = await TestCluster.StartAsync(new ApiServerOptions { ServiceEndpoint = (_, name, _) => name is "osm-injector" or "osm-validator" ? started.Endpoint : null });
        foreach (var configuration in Configurations)
        {
            await started.Cluster.ApplyAsync(configuration);
        }

        await started.Cluster.ApplyAsync("""
            apiVersion: v1
            kind: Namespace
            metadata:
              name: shop
              labels: {openservicemesh.io/monitored-by: osm}
              annotations: {openservicemesh.io/sidecar-injection: enabled}
            """);
        started.Plane = await RunningControlPlane.StartAsync(
            started.Cluster, "one", configure: options => options with { Webhooks = configure?.Invoke(options.Webhooks) ?? options.Webhooks });
        started._webhooks = started.Plane.WebhookAddress;
        started._http = started.NewClient();
        await started.UntilRegisteredAsync();
        return started;
    }

    public IPEndPoint? Endpoint => _webhooks is null ? null : new(IPAddress.Loopback, _webhooks.Port);

    /// <summary>The control plane is gone.</summary>
    public async Task StopAsync()
    {
        _webhooks = new("https://127.0.0.1:1");
        await Plane.DisposeAsync();
    }

    public async Task UntilRegisteredAsync()
    {
        var bundle = Convert.ToBase64String(Encoding.ASCII.GetBytes(Plane.Get<CertificateAuthority>().XdsBundle.Pem));
        foreach (var (kind, name) in new[] { ("MutatingWebhookConfiguration", "osm-webhook-osm"), ("ValidatingWebhookConfiguration", "osm-validator-mesh-osm") })
        {
            await Wait.UntilAsync(
                async () => (await Cluster.FindAsync("admissionregistration.k8s.io/v1", kind, "", name))!["webhooks"]!.AsArray()
                    .All(webhook => (string?)webhook!["clientConfig"]!["caBundle"] == bundle),
                () => Plane.Logs.Text);
        }
    }

    /// <summary>Waits until the API server can have objects of a kind converted.</summary>
    public Task UntilConvertedAsync(string definition) => Wait.UntilAsync(
        async () => ((string?)(await Cluster.FindAsync("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", definition))!["spec"]!["conversion"]!["webhook"]!["clientConfig"]!["caBundle"])?.Length > 0,
        () => Plane.Logs.Text);

    /// <summary>Makes a pod with a service account, waits until the mesh knows it, and says so of its address; its object.</summary>
    public async Task<JsonObject> PodAsync(string name, string account, string address = "127.0.0.1")
    {
        if (await Cluster.FindAsync("v1", "ServiceAccount", "shop", account) is null)
        {
            await Cluster.ApplyAsync($"apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {account}, namespace: shop}}");
        }

        var status = address.Length > 0 ? $"status: {{podIP: {address}, podIPs: [{{ip: {address}}}]}}" : "";
        var pod = (JsonObject)await Cluster.ApplyAsync(TestCluster.Read($$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: {{name}}, namespace: shop}
            spec: {serviceAccountName: {{account}}, containers: [{name: app, image: app:1}]}
            {{status}}
            """).Single());
        await Wait.UntilAsync(() => Plane.Pipeline.State!.Snapshot.Find<Sdk.Resources.Pod>(new("Pod", "shop", name)) is { } known && known.Addresses.IsEmpty == (address.Length == 0)
            && Plane.Pipeline.State.Proxies.Find(new("Pod", "shop", name)) is not null, () => Plane.Logs.Text);
        return pod;
    }

    /// <summary>A token as a node has it made for a pod.</summary>
    public async Task<string> TokenAsync(string account, JsonObject? pod, string audience = WellKnown.TokenAudience)
    {
        var answer = await Cluster.Client.AskAsync(
            new("create", "serviceaccounts/token", $"api/v1/namespaces/shop/serviceaccounts/{account}/token")
            {
                Body = new JsonObject
                {
                    ["apiVersion"] = "authentication.k8s.io/v1",
                    ["kind"] = "TokenRequest",
                    ["spec"] = new JsonObject
                    {
                        ["audiences"] = new JsonArray(audience),
                        ["expirationSeconds"] = 3600,
                        ["boundObjectRef"] = pod is null ? null : new JsonObject
                        {
                            ["apiVersion"] = "v1", ["kind"] = "Pod", ["name"] = (string?)pod["metadata"]!["name"], ["uid"] = (string?)pod["metadata"]!["uid"],
                        },
                    },
                },
            },
            CancellationToken.None);
        return (string)answer["status"]!["token"]!;
    }

    /// <summary>Asks for a credential as an agent does.</summary>
    public async Task<(HttpStatusCode Status, JsonNode? Answer)> CredentialAsync(string token, byte[]? request = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var message = new HttpRequestMessage(HttpMethod.Post, At("/credentials"));
        message.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        message.Content = Json(new JsonObject { ["request"] = Convert.ToBase64String(request ?? SigningRequest.Of(key)) }.ToJsonString());
        using var response = await _http.SendAsync(message);
        var body = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, body.StartsWith('{') ? JsonNode.Parse(body) : null);
    }

    /// <summary>Posts anything.</summary>
    public async Task<(HttpStatusCode Status, string Body)> PostAsync(string path, HttpContent content)
    {
        using var response = await _http.PostAsync(At(path), content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_webhooks?.Port != 1)
        {
            await Plane.DisposeAsync();
        }

        await Cluster.DisposeAsync();
    }

    private Uri At(string path) => new($"https://localhost:{Plane.WebhookAddress.Port}{path}");

    private HttpClient NewClient()
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(Plane.Get<CertificateAuthority>().XdsBundle.Pem);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(roots);
        return new(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } }) { DefaultRequestHeaders = { ExpectContinue = true } };
    }

    private static readonly string[] Configurations =
    [
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: MutatingWebhookConfiguration
        metadata: {name: osm-webhook-osm}
        webhooks:
        - name: osm-inject.k8s.io
          admissionReviewVersions: [v1]
          sideEffects: None
          failurePolicy: Fail
          timeoutSeconds: 2
          clientConfig: {service: {name: osm-injector, namespace: osm-system, path: /mutate-pod-creation, port: 9090}}
          rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods], scope: Namespaced}]
          namespaceSelector:
            matchLabels: {openservicemesh.io/monitored-by: osm}
            matchExpressions:
            - {key: openservicemesh.io/ignore, operator: DoesNotExist}
            - {key: kubernetes.io/metadata.name, operator: NotIn, values: [osm-system, kube-system, kube-public]}
            - {key: control-plane, operator: DoesNotExist}
        """,
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingWebhookConfiguration
        metadata: {name: osm-validator-mesh-osm}
        webhooks:
        - name: osm-validator.k8s.io
          admissionReviewVersions: [v1]
          sideEffects: None
          failurePolicy: Fail
          timeoutSeconds: 10
          clientConfig: {service: {name: osm-validator, namespace: osm-system, path: /validate, port: 9090}}
          rules:
          - {apiGroups: [access.smi-spec.io, specs.smi-spec.io, split.smi-spec.io, policy.openservicemesh.io], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: ["*"], scope: Namespaced}
          namespaceSelector: {matchLabels: {openservicemesh.io/monitored-by: osm}}
        """,
    ];
}
