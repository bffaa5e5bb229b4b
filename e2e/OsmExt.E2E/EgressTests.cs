using System.Diagnostics;
using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>The plugin for Egress objects: ways out of the mesh for those it names, through both Envoys, and for nobody else.</summary>
public class EgressTests
{
    private const string Outside = "outside";
    private const string Api = "10.244.2.1";
    private const string Other = "10.244.2.2";
    private static readonly string[] Buyers = ["buyer", "old-buyer"];

    [MeshFact]
    public async Task What_an_Egress_names_can_be_called_by_whom_it_names_and_nothing_else_by_anybody()
    {
        await using var mesh = await Mesh.StartAsync(Prepare, "--plugins", new PluginSource("OsmExt.Plugin.Egress").Files);
        using var certificate = new ForeignCertificate();
        using var server = Process.Start("ip", ["netns", "exec", mesh.Pod("api", Outside).Name, "openssl", "s_server", "-quiet", "-accept", "8443", "-cert", certificate.Certificate, "-key", certificate.Key]);
        try
        {
            foreach (var buyer in Buyers.Select(name => mesh.Pod(name)))
            {
                await Wait.UntilAsync(async () => await buyer.StatusAsync("http://api.outside:8080/items/1") == 200, $"{buyer.Name} calls the host outside");
                Assert.Equal(404, await buyer.StatusAsync("http://api.outside:8080/private"));
                Assert.Equal(404, await buyer.StatusAsync(HttpMethod.Post, "http://api.outside:8080/items/1"));
                Assert.StartsWith("No Egress lets shop/", await BodyAsync(buyer, "http://api.outside:8080/items/1", "elsewhere.example.com"), StringComparison.Ordinal);
                Assert.Equal(200, await buyer.StatusAsync("http://echo-v1:8080/items/1"));

                // Requests to hosts of some addresses go to the address dialled, if it is one of these.
                Assert.Equal(200, await buyer.StatusAsync($"http://{Api}:8080/items/1", ("Host", "bounded.example.com")));
                Assert.Equal(403, await buyer.StatusAsync($"http://{Other}:8080/items/1", ("Host", "bounded.example.com")));

                Assert.Equal("api hello", await buyer.LineAsync(Api, 9000, "hello"));
                Assert.Equal("", await buyer.LineAsync(Other, 9000, "hello"));
                Assert.Equal("hello from api", await buyer.LineAsync(Api, 9001, null));
                Assert.Equal("", await buyer.LineAsync(Other, 9001, null));

                await Wait.UntilAsync(async () => await buyer.ServerAsync(Api, 8443, "secure.example.com") == "CN=foreign", $"{buyer.Name} speaks TLS to the host outside");
                Assert.Equal("", await buyer.ServerAsync(Api, 8443, "other.example.com"));
            }

            var thief = mesh.Pod("thief");
            Assert.Equal(0, await thief.StatusAsync("http://api.outside:8080/items/1"));
            Assert.Equal("", await thief.LineAsync(Api, 9000, "hello"));
            Assert.Equal("", await thief.LineAsync(Api, 9001, null));
            Assert.Equal("", await thief.ServerAsync(Api, 8443, "secure.example.com"));

            await SimulatedAsync(mesh, "api.outside:8080", 0, "Egress shop/api", "--path", "/items/1");
            await SimulatedAsync(mesh, "api.outside:8080", 1, "404", "--path", "/private");
            await SimulatedAsync(mesh, $"{Api}:9000", 0, "Egress shop/lines", "--protocol", "tcp");
            await SimulatedAsync(mesh, $"{Other}:9000", 1, "no filter chain", "--protocol", "tcp");
            await SimulatedAsync(mesh, "secure.example.com:8443", 0, "Egress shop/secure", "--protocol", "tls");
            await SimulatedAsync(mesh, "other.example.com:8443", 1, "no filter chain", "--protocol", "tls");

            mesh.Config.Delete("egress");
            foreach (var buyer in Buyers.Select(name => mesh.Pod(name)))
            {
                await Wait.UntilAsync(async () => await buyer.LineAsync(Api, 9000, "hello") == "" && await buyer.StatusAsync("http://api.outside:8080/items/1") != 200
                    && await buyer.ServerAsync(Api, 8443, "secure.example.com") == "", $"nothing is let out for {buyer.Name} any more");
                Assert.Equal(200, await buyer.StatusAsync("http://echo-v1:8080/items/1"));
            }
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

    private static async Task SimulatedAsync(Mesh mesh, string to, int exitCode, string says, params string[] more)
    {
        foreach (var buyer in Buyers)
        {
            var decided = await Shell.OsmAsync(["simulate", "--config", mesh.Config.Path, "--plugins", new PluginSource("OsmExt.Plugin.Egress").Files, "--from", $"shop/{buyer}", "--to", to, .. more]);
            Assert.True(decided.ExitCode == exitCode, decided.ToString());
            Assert.Contains(says, decided.Output, StringComparison.Ordinal);
        }
    }

    private static async Task<string> BodyAsync(PodNetwork from, string url, string host)
    {
        using var client = from.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Host = host;
        using var response = await client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    private static void Prepare(ManifestFolder config)
    {
        config.Write("mesh", MeshConfig());
        config.Write("namespaces", Manifests.Namespace(Shop.Namespace), Manifests.Namespace(Outside, meshed: false));
        config.Write("servers", Server(Shop.Namespace, "v1", Shop.V1, "echo"), Service(Shop.Namespace, "echo-v1", "10.96.1.1", "version: v1", ("v1", Shop.V1)),
            Server(Outside, "api", Api, "api"), Server(Outside, "other", Other, "other"), Service(Outside, "api", "10.96.2.1", "app: api", ("api", Api)));
        config.Write("clients", Client(Shop.Namespace, "buyer", "10.244.1.11"), Client(Shop.Namespace, "old-buyer", "10.244.1.12", Requirements.OldEnvoy), Client(Shop.Namespace, "thief", "10.244.1.14"));
        config.Write("policy", Shop.Routes, Target(Shop.Namespace, "v1", "v1", Buyers, Shop.HttpRule));
        config.Write("egress",
            Egress("api", "hosts: [api.outside]", 8080, "http", "[{apiGroup: specs.smi-spec.io/v1alpha4, kind: HTTPRouteGroup, name: echo}]"),
            Egress("bounded", $"hosts: [bounded.example.com]\n  ipAddresses: [{Api}/32]", 8080, "http"),
            Egress("lines", $"ipAddresses: [{Api}/32]", 9000, "tcp"),
            Egress("greetings", $"ipAddresses: [{Api}/32]", 9001, "tcp-server-first"),
            Egress("secure", "hosts: [secure.example.com]", 8443, "https"));
    }

    private static string Egress(string name, string what, int port, string protocol, string matches = "[]") => $$"""
        apiVersion: policy.openservicemesh.io/v1alpha1
        kind: Egress
        metadata: {name: {{name}}, namespace: {{Shop.Namespace}}}
        spec:
          sources: [{{string.Join(", ", Buyers.Select(buyer => $$"""{kind: ServiceAccount, name: {{buyer}}, namespace: {{Shop.Namespace}}}"""))}}]
          {{what}}
          ports: [{number: {{port}}, protocol: {{protocol}}}]
          matches: {{matches}}
        """;
}
