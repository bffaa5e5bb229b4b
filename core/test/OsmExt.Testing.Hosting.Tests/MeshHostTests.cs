using System.Runtime.CompilerServices;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;

namespace OsmExt.Testing.Hosting.Tests;

/// <summary>A plugin's author's own tests, as they would be written; the plugin is HeaderTransform of this repository.</summary>
public class MeshHostTests
{
    private const string Inbound = "inbound-listener";
    private const string Name = "secret:shop/token|generic";
    private const string Filter = "header-transform.headers.shop.tenant";

    private const string Shop = """
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshConfig
        metadata: {name: osm-mesh-config, namespace: osm-system}
        spec: {traffic: {enablePermissiveTrafficPolicyMode: true}, certificate: {serviceCertValidityDuration: 24h}}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {openservicemesh.io/monitored-by: osm}}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: shop, labels: {app: web}}
        spec: {serviceAccountName: web, containers: [{name: app, image: app}]}
        status: {podIP: 10.0.1.1}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: api, namespace: shop, labels: {app: api}}
        spec: {serviceAccountName: api, containers: [{name: app, image: app}]}
        status: {podIP: 10.0.1.2}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {clusterIP: 10.96.0.1, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: api, namespace: shop}
        spec: {clusterIP: 10.96.0.2, selector: {app: api}, ports: [{name: http, port: 80, targetPort: 8080}]}
        """;

    private const string Tenant = """
        apiVersion: transform.osmext.io/v1alpha1
        kind: HeaderTransform
        metadata: {name: tenant, namespace: shop}
        spec:
          targetRef: {kind: Service, name: web}
          request: {set: [{name: x-tenant, value: shop}]}
        """;

    [Fact]
    public async Task What_an_object_means_reaches_the_proxies_it_is_for_and_goes_with_it()
    {
        await using var mesh = await StartAsync();
        await using var web = await mesh.ConnectAsync("shop/web");
        await using var api = await mesh.ConnectAsync("shop/api", envoy: "1.36.2");
        Assert.False(HasFilter(web));
        api.ForgetResponses();

        await mesh.ApplyAsync(Tenant);
        Assert.True(HasFilter(web));
        Assert.Empty(api.Responses);
        Assert.DoesNotContain(await mesh.DiagnosticsAsync(), finding => finding.Object?.Kind == "HeaderTransform");

        await mesh.DeleteAsync("HeaderTransform", "shop", "tenant");
        Assert.False(HasFilter(web));
    }

    [Fact]
    public async Task What_a_proxy_refuses_it_does_not_have_and_others_go_on()
    {
        await using var mesh = await StartAsync();
        await using var web = await mesh.ConnectAsync("shop/web");
        await using var api = await mesh.ConnectAsync("shop/api");
        web.Objection = response => response.StartsWith("LDS", StringComparison.Ordinal) ? "no such filter" : null;

        await mesh.ApplyAsync(Tenant, Tenant.Replace("name: web", "name: api", StringComparison.Ordinal).Replace("name: tenant", "name: tenant-api", StringComparison.Ordinal));

        Assert.NotNull(web.Find<Listener>(Inbound));
        Assert.False(HasFilter(web));
        Assert.Contains("name: header-transform.headers.shop.tenant-api", api.Text<Listener>(Inbound), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Time_passes_when_the_test_says_so()
    {
        await using var mesh = await StartAsync();
        await using var web = await mesh.ConnectAsync("shop/web");
        var name = web.All<Secret>().First(secret => secret.Value.TlsCertificate is not null).Key;
        async Task<int> HoursUntilItIsReplacedAsync()
        {
            var before = web.Find<Secret>(name)!;
            for (var hours = 1; hours < 30; hours++)
            {
                await mesh.AdvanceAsync(TimeSpan.FromHours(1));
                if (!web.Find<Secret>(name)!.Equals(before))
                {
                    return hours;
                }
            }

            return int.MaxValue;
        }

        // An identity's epochs of two thirds of the validity do not begin when the mesh does: only the second one is whole.
        Assert.InRange(await HoursUntilItIsReplacedAsync(), 1, 16);
        Assert.InRange(await HoursUntilItIsReplacedAsync(), 16, 17);
        Assert.DoesNotContain("PRIVATE", web.Text<Secret>(name), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_version_of_a_secret_is_sent_and_nothing_else()
    {
        const string Backend = """
            apiVersion: external.osmext.io/v1alpha1
            kind: ExternalBackend
            metadata: {name: payments, namespace: shop}
            spec: {targetRef: {kind: Service, name: web}, host: payments.example.com, credential: {secret: token}}
            """;
        var folder = Path.Combine(Plugin(), "..", "OsmExt.Plugin.ExternalBackend");
        await using var mesh = await MeshHost.StartAsync(new() { Plugins = folder, PluginPolicy = Path.Combine(folder, "test", "policy.yaml") });
        await mesh.ApplyAsync(Shop, Backend, Token("first"));
        await using var api = await mesh.ConnectAsync("shop/api");
        Assert.Equal("first", Value(api));
        Assert.DoesNotContain("first", api.Text<Secret>(Name), StringComparison.Ordinal);

        api.ForgetResponses();
        await mesh.ApplyAsync(Token("second"));
        Assert.Equal("second", Value(api));
        Assert.All(api.Responses, response => Assert.StartsWith("SDS", response, StringComparison.Ordinal));
        Assert.Single(api.Responses);

        // What it needs is gone, so proxies keep what they have.
        await mesh.DeleteAsync("Secret", "shop", "token");
        Assert.Equal("second", Value(api));
        Assert.Contains(await mesh.DiagnosticsAsync(), finding => finding.Code == "OSM4019" && finding.Message.Contains("There is no Secret shop/token", StringComparison.Ordinal));

        static string Token(string value) => $"apiVersion: v1\nkind: Secret\nmetadata: {{name: token, namespace: shop}}\nstringData: {{token: {value}}}";
        static string? Value(FakeProxy proxy) => proxy.Find<Secret>(Name)?.GenericSecret.Secret.InlineBytes.ToStringUtf8();
    }

    [Fact]
    public async Task Mistakes_are_told()
    {
        await using var mesh = await StartAsync();

        var unreadable = await Assert.ThrowsAsync<ArgumentException>(() => mesh.ApplyAsync(Tenant.Replace("request:", "requests:", StringComparison.Ordinal)));
        Assert.Contains("requests", unreadable.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => mesh.ConnectAsync("shop/nobody"));

        await mesh.ApplyAsync(Tenant.Replace("name: web", "name: nowhere", StringComparison.Ordinal));
        Assert.Contains(await mesh.DiagnosticsAsync(), finding => finding.Code == "OSM4006" && finding.Object?.Name == "tenant");
    }

    private static async Task<MeshHost> StartAsync()
    {
        var mesh = await MeshHost.StartAsync(new() { Plugins = Plugin() });
        await mesh.ApplyAsync(Shop);
        return mesh;
    }

    private static bool HasFilter(FakeProxy proxy) => proxy.Text<Listener>(Inbound).Contains($"name: {Filter}", StringComparison.Ordinal);

    private static string Plugin([CallerFilePath] string here = "")
        => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "plugins", "OsmExt.Plugin.HeaderTransform");
}
