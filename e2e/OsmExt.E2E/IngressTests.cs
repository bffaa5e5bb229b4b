using System.Security.Cryptography.X509Certificates;
using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>The plugin for IngressBackends: a gateway outside the mesh gets to both Envoys as the objects say, and nobody else does.</summary>
public class IngressTests
{
    private const string Outside = "outside";
    private static readonly string[] Servers = [Shop.V1, Shop.V2];

    [MeshFact]
    public async Task A_gateway_gets_in_by_its_address_or_by_its_certificate()
    {
        await using var mesh = await Mesh.StartAsync(Prepare, "--plugins", new PluginSource("OsmExt.Plugin.Ingress.Contour").Files);
        var (gateway, stranger) = (mesh.Pod("gateway", Outside), mesh.Pod("stranger", Outside));
        using var right = await CertificateAsync(mesh, "gateway.outside.cluster.local");
        using var foreign = new ForeignCertificate();
        using var forged = X509Certificate2.CreateFromPemFile(foreign.Certificate, foreign.Key);
        foreach (var address in Servers)
        {
            // Nothing is open yet.
            Assert.Equal(0, await gateway.StatusAsync($"http://{address}:8080/items/1"));
            Assert.Equal(0, await gateway.SecureStatusAsync(address, 8080, "/items/1", certificate: right));
        }

        mesh.Config.Write("ingress", Ingress("v1", "http", "[{kind: Service, name: gateway, namespace: outside}]"), Ingress("v2", "http", "[{kind: IPRange, name: 10.244.2.1/32}]"));
        foreach (var address in Servers)
        {
            await Wait.UntilAsync(async () => await gateway.StatusAsync($"http://{address}:8080/items/1") == 200, "plain text from the gateway is let in");
            Assert.Equal(0, await stranger.StatusAsync($"http://{address}:8080/items/1"));
            Assert.Equal(0, await gateway.StatusAsync($"http://{address}:9001/items/1"));
        }

        // The mesh's own way in is as it was.
        Assert.Equal(200, await mesh.Pod("buyer").StatusAsync("http://echo-v1:8080/items/1"));
        Assert.Equal(200, await mesh.Pod("buyer").StatusAsync("http://echo-v2:8080/items/1"));

        const string Principal = "[{kind: Service, name: gateway, namespace: outside}, {kind: AuthenticatedPrincipal, name: gateway.outside.cluster.local}]";
        const string Routes = "[{apiGroup: specs.smi-spec.io/v1alpha4, kind: HTTPRouteGroup, name: echo}]";
        mesh.Config.Write("ingress", Ingress("v1", "https", Principal, Routes), Ingress("v2", "https", Principal, Routes));
        foreach (var (address, name) in Servers.Zip(["v1", "v2"]))
        {
            await Wait.UntilAsync(async () => await gateway.SecureStatusAsync(address, 8080, "/items/1", certificate: right) == 200, "the gateway's certificate is let in");
            Assert.Equal(200, await gateway.SecureStatusAsync(address, 8080, "/items/1", $"echo-{name}.shop.svc.cluster.local", right));
            Assert.Equal(403, await gateway.SecureStatusAsync(address, 8080, "/elsewhere", certificate: right));
            Assert.Equal(0, await gateway.StatusAsync($"http://{address}:8080/items/1"));
            Assert.Equal(0, await gateway.SecureStatusAsync(address, 8080, "/items/1"));
            Assert.Equal(0, await gateway.SecureStatusAsync(address, 8080, "/items/1", certificate: forged));
            Assert.Equal(0, await stranger.SecureStatusAsync(address, 8080, "/items/1", certificate: right));
            await SimulatedAsync(mesh, "gateway", address, 0, "IngressBackend shop/echo-", "--protocol", "https", "--path", "/items/1", "--certificate", "gateway.outside.cluster.local");
            await SimulatedAsync(mesh, "gateway", address, 1, "403", "--protocol", "https", "--path", "/elsewhere", "--certificate", "gateway.outside.cluster.local");
            await SimulatedAsync(mesh, "gateway", address, 1, "requires a client certificate", "--protocol", "https", "--path", "/items/1");
            await SimulatedAsync(mesh, "stranger", address, 1, "no filter chain", "--protocol", "https", "--path", "/items/1", "--certificate", "gateway.outside.cluster.local");
            Assert.Contains("O=Open Service Mesh", await gateway.ServerAsync(address, 8080, ""), StringComparison.Ordinal);
        }

        // Another name: the old certificate is one of the mesh's still, and no longer of anybody who may call.
        mesh.Config.Write("mesh", MeshConfigFor("other.outside.cluster.local"));
        using var wrong = await CertificateAsync(mesh, "other.outside.cluster.local");
        foreach (var address in Servers)
        {
            Assert.Equal(403, await gateway.SecureStatusAsync(address, 8080, "/items/1", certificate: wrong));
        }

        // Of server names only those listed are served, with a certificate and without, at both Envoys.
        const string SniHosts = "sniHosts: [shop.example.com, \"*.example.org\"]";
        const string Other = "[{kind: Service, name: gateway, namespace: outside}, {kind: AuthenticatedPrincipal, name: other.outside.cluster.local}]";
        mesh.Config.Write("ingress", Ingress("v1", "https", Other, tls: SniHosts), Ingress("v2", "https", Other, tls: SniHosts));
        foreach (var address in Servers)
        {
            await OnlyNamedAsync(gateway, address, wrong);
        }

        const string Names = "skipClientCertValidation: true, " + SniHosts;
        mesh.Config.Write("ingress", Ingress("v1", "https", Principal, tls: "skipClientCertValidation: true"), Ingress("v2", "https", Principal, tls: Names));
        await Wait.UntilAsync(async () => await gateway.SecureStatusAsync(Shop.V1, 8080, "/items/1") == 200, "no certificate is asked for");
        Assert.Equal(200, await gateway.SecureStatusAsync(Shop.V1, 8080, "/items/1", "shop.example.com"));
        await OnlyNamedAsync(gateway, Shop.V2, null);
        Assert.Equal(0, await stranger.SecureStatusAsync(Shop.V1, 8080, "/items/1"));

        // A gateway that is gone is nobody.
        mesh.Config.Delete("gateway-endpoints");
        await Wait.UntilAsync(async () => await gateway.SecureStatusAsync(Shop.V1, 8080, "/items/1") == 0 && await gateway.SecureStatusAsync(Shop.V2, 8080, "/items/1", "shop.example.com") == 0, "without endpoints of the gateway nobody is let in");
    }

    private static async Task SimulatedAsync(Mesh mesh, string from, string address, int exitCode, string says, params string[] more)
    {
        var decided = await Shell.OsmAsync(["simulate", "--config", mesh.Config.Path, "--plugins", new PluginSource("OsmExt.Plugin.Ingress.Contour").Files, "--from", $"{Outside}/{from}", "--to", $"{address}:8080", .. more]);
        Assert.True(decided.ExitCode == exitCode, decided.ToString());
        Assert.Contains(says, decided.Output, StringComparison.Ordinal);
    }

    private static async Task OnlyNamedAsync(PodNetwork gateway, string address, X509Certificate2? certificate)
    {
        await Wait.UntilAsync(async () => await gateway.SecureStatusAsync(address, 8080, "/items/1", "shop.example.com", certificate) == 200, "the server name is let in");
        Assert.Equal(200, await gateway.SecureStatusAsync(address, 8080, "/items/1", "WWW.example.org", certificate));
        foreach (var name in (string[])["", "example.org", "other.example.com", "echo-v1.shop.svc.cluster.local", "echo-v2.shop.svc.cluster.local"])
        {
            Assert.Equal(0, await gateway.SecureStatusAsync(address, 8080, "/items/1", name, certificate));
        }
    }

    // Kept by the control plane, for whoever brings it to the gateway.
    private static async Task<X509Certificate2> CertificateAsync(Mesh mesh, string name)
    {
        var secret = Path.Join(mesh.State, "control-plane", "secrets", Outside, "gateway-certificate");
        X509Certificate2? found = null;
        await Wait.UntilAsync(() =>
        {
            if (!File.Exists(Path.Join(secret, "tls.key")))
            {
                return false;
            }

            try
            {
                found = X509Certificate2.CreateFromPemFile(Path.Join(secret, "tls.crt"), Path.Join(secret, "tls.key"));
                return found.MatchesHostname(name);
            }
            catch (Exception error) when (error is System.Security.Cryptography.CryptographicException or ArgumentException or IOException)
            {
                // Between two files of one change: half a file, or a key of one certificate with the other.
                return false;
            }
        }, $"the gateway has a certificate for {name}");
        Assert.DoesNotContain("PRIVATE KEY", await File.ReadAllTextAsync(Path.Join(mesh.State, "control-plane", "secrets", "osm-system", "osm-ca-roots", "ca.crt")), StringComparison.Ordinal);
        return found!;
    }

    private static void Prepare(ManifestFolder config)
    {
        config.Write("mesh", MeshConfigFor("gateway.outside.cluster.local"));
        config.Write("namespaces", Manifests.Namespace(Shop.Namespace), Manifests.Namespace(Outside, meshed: false));
        config.Write("servers", Shop.Servers);
        config.Write("clients", Client(Shop.Namespace, "buyer", "10.244.1.11"), Client(Outside, "gateway", "10.244.2.1"), Client(Outside, "stranger", "10.244.2.2"));
        config.Write("policy", Shop.Routes, Target(Shop.Namespace, "v1", "v1", ["buyer"], Shop.HttpRule), Target(Shop.Namespace, "v2", "v2", ["buyer"], Shop.HttpRule));
        config.Write("gateway", """
            apiVersion: v1
            kind: Service
            metadata: {name: gateway, namespace: outside}
            spec: {clusterIP: 10.96.2.1, ports: [{name: http, port: 80}]}
            """);
        config.Write("gateway-endpoints", """
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: gateway-1, namespace: outside, labels: {kubernetes.io/service-name: gateway}}
            addressType: IPv4
            ports: [{name: http, port: 80}]
            endpoints: [{addresses: [10.244.2.1]}]
            """);
    }

    private static string MeshConfigFor(string gateway) => $$"""
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshConfig
        metadata: {name: osm-mesh-config, namespace: osm-system}
        spec:
          traffic: {enablePermissiveTrafficPolicyMode: false, enableEgress: false}
          certificate:
            serviceCertValidityDuration: 24h
            ingressGateway:
              subjectAltNames: [{{gateway}}]
              validityDuration: 24h
              secret: {name: gateway-certificate, namespace: outside}
        """;

    private static string Ingress(string version, string protocol, string sources, string matches = "[]", string tls = "skipClientCertValidation: false") => $$"""
        apiVersion: policy.openservicemesh.io/v1alpha1
        kind: IngressBackend
        metadata: {name: echo-{{version}}, namespace: shop}
        spec:
          backends: [{name: echo-{{version}}, port: {number: 8080, protocol: {{protocol}} }, tls: { {{tls}} } }]
          sources: {{sources}}
          matches: {{matches}}
        """;
}
