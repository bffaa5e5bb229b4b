using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using OsmExt.Envoy;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Snapshots;
using OsmExt.Xds.Tests.GrpcJs;
using OsmExt.Xds.Tests.Hosting;

namespace OsmExt.Xds.Tests.RealEnvoy;

/// <summary>The engine, judged by Envoy itself.</summary>
public sealed class EnvoyTests
{
    private const string Node = "envoy";

    /// <summary>Version and variant.</summary>
    public static TheoryData<string, string> Matrix
    {
        get
        {
            var matrix = new TheoryData<string, string>();
            foreach (var version in Envoys.Versions)
            {
                matrix.Add(version, nameof(XdsVariant.StateOfTheWorld));
                matrix.Add(version, nameof(XdsVariant.Delta));
            }

            return matrix;
        }
    }

    [EnvoyTheory]
    [MemberData(nameof(Matrix))]
    public async Task Configuration_reaches_it_and_changes_and_removals_too(string version, string variant)
    {
        await using var server = await XdsTestServer.StartAsync();
        await using var backend = await HttpBackend.StartAsync("backend");
        var port = FreePort();
        server.Publish(EnvoyResources.Listener("web", port, "web"), EnvoyResources.Route("web", "one"));
        await using var envoy = await EnvoyProcess.StartAsync(version, server, Enum.Parse<XdsVariant>(variant), Node);
        await AnswersAsync(envoy, port, "one");

        server.Change(EnvoyResources.Route("web", "two"));
        await AnswersAsync(envoy, port, "two", between: "one");

        // Cluster, endpoints and the route to them in one change: no request may see one without the other.
        server.Change(ProxylessService.Cluster("backend"), ProxylessService.Endpoints("backend", backend.Port), EnvoyResources.Forward("web", "backend"));
        await AnswersAsync(envoy, port, "backend", between: "two");

        server.Patch(Set(EnvoyResources.Route("web", "three")), Gone(TypeUrls.Cluster), Gone(TypeUrls.Endpoint));
        await AnswersAsync(envoy, port, "three", between: "backend");
        await server.WhenAnsweredAsync();
        await Eventually.HoldsAsync(async () => !(await envoy.ConfigAsync()).Contains("\"backend\"", StringComparison.Ordinal), "the cluster is removed");

        var stream = Assert.Single(server.Registry.Describe(Node));
        Assert.Equal((variant, $"envoy {version}"), ($"{stream.Variant}", stream.NodeVersion));
        Assert.Empty(server.Rejections.All);

        static XdsChange Set(XdsResource resource) => XdsChange.Set(resource);
        static XdsChange Gone(string type) => XdsChange.Remove(type, "backend");
    }

    [EnvoyTheory]
    [MemberData(nameof(Matrix))]
    public async Task What_it_refuses_is_recorded_with_its_words_and_the_last_good_stays(string version, string variant)
    {
        await using var server = await XdsTestServer.StartAsync();
        var port = FreePort();
        server.Publish(EnvoyResources.Listener("web", port, "web"), EnvoyResources.Route("web", "good"), Some.StaticCluster("other", 7));
        await using var envoy = await EnvoyProcess.StartAsync(version, server, Enum.Parse<XdsVariant>(variant), Node);
        await AnswersAsync(envoy, port, "good");

        server.Change(EnvoyResources.BrokenRoute("web"), EnvoyResources.BrokenCluster("other"), Some.StaticCluster("third", 9));
        await server.WhenAnsweredAsync();
        Assert.Equal(["other", "web"], server.Rejections.All.Select(r => r.Name).Order());
        Assert.All(server.Rejections.All, r => Assert.Equal(Node, r.ProxyId));
        Assert.Contains("missing )", server.Rejections.All.Single(r => r.Name == "web").Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("policy", server.Rejections.All.Single(r => r.Name == "other").Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("good", await envoy.GetAsync(port));
        var config = await envoy.ConfigAsync();
        Assert.Contains("\"connect_timeout\": \"7s\"", config, StringComparison.Ordinal);
        Assert.Contains("\"connect_timeout\": \"9s\"", config, StringComparison.Ordinal);

        server.Change(EnvoyResources.Route("web", "better"), Some.StaticCluster("other", 8));
        await AnswersAsync(envoy, port, "better", between: "good");
        await server.WhenAnsweredAsync();
        Assert.Empty(server.Rejections.All);
        Assert.Contains("\"connect_timeout\": \"8s\"", await envoy.ConfigAsync(), StringComparison.Ordinal);
    }

    [EnvoyTheory]
    [MemberData(nameof(Matrix))]
    public async Task Having_come_back_it_still_has_the_last_good_of_what_it_refused(string version, string variant)
    {
        await using var server = await XdsTestServer.StartAsync();
        server.Publish(Some.StaticCluster("other", 7), Some.StaticCluster("third", 8));
        await using var envoy = await EnvoyProcess.StartAsync(version, server, Enum.Parse<XdsVariant>(variant), Node);
        await Eventually.HoldsAsync(async () => (await envoy.ConfigAsync()).Contains("\"connect_timeout\": \"8s\"", StringComparison.Ordinal), "it is configured");
        server.Change(EnvoyResources.BrokenCluster("other"));
        await server.WhenAnsweredAsync();
        Assert.Single(server.Rejections.All);

        var before = server.Registry.Clients.Single();
        server.Registry.Reconnect(before);
        await Eventually.HoldsAsync(() => server.Registry.Clients is [var after] && !ReferenceEquals(after, before), "it is back");
        server.Change(Some.StaticCluster("third", 9));
        await Eventually.HoldsAsync(async () => (await envoy.ConfigAsync()).Contains("\"connect_timeout\": \"9s\"", StringComparison.Ordinal), "what changes reaches it");
        await server.WhenAnsweredAsync();
        Assert.Contains("\"connect_timeout\": \"7s\"", await envoy.ConfigAsync(), StringComparison.Ordinal);
    }

    [EnvoyTheory]
    [MemberData(nameof(Matrix))]
    public async Task A_new_certificate_reaches_it_over_SDS(string version, string variant)
    {
        await using var server = await XdsTestServer.StartAsync();
        using var first = server.Pki.Issue("first");
        using var second = server.Pki.Issue("second");
        var port = FreePort();
        server.Publish(
            EnvoyResources.Listener("web", port, "web", secret: "identity"),
            EnvoyResources.Route("web", "one"),
            EnvoyResources.Identity("identity", first));
        await using var envoy = await EnvoyProcess.StartAsync(version, server, Enum.Parse<XdsVariant>(variant), Node);
        await Eventually.HoldsAsync(async () => await CertificateAsync(port) == first.Thumbprint, "the first certificate is shown");

        server.Change(EnvoyResources.Identity("identity", second));
        await Eventually.HoldsAsync(async () => await CertificateAsync(port) == second.Thumbprint, "the second certificate is shown");
    }

    [EnvoyTheory]
    [MemberData(nameof(Matrix))]
    public async Task After_the_control_plane_was_gone_it_is_sent_nothing_equal(string version, string variant)
    {
        var server = await XdsTestServer.StartAsync();
        var port = FreePort();
        XdsResource[] World(string answer) => [EnvoyResources.Listener("web", port, "web"), EnvoyResources.Route("web", answer), Some.StaticCluster("c")];
        server.Publish(World("one"));
        await using var envoy = await EnvoyProcess.StartAsync(version, server, Enum.Parse<XdsVariant>(variant), Node);
        await AnswersAsync(envoy, port, "one");
        await server.StopAsync();
        Assert.Equal("one", await envoy.GetAsync(port));

        await using var again = await XdsTestServer.StartAsync(successorOf: server);
        again.Publish(World("two"));
        await AnswersAsync(envoy, port, "two", between: "one");
        await again.WhenAnsweredAsync();
        if (variant == nameof(XdsVariant.Delta))
        {
            // The answers to clusters and listeners are empty; only the route has news.
            Assert.InRange(again.Metrics.ResponseBytes.WithLabels("listener").Value, 1, 200);
            Assert.InRange(again.Metrics.ResponseBytes.WithLabels("cluster").Value, 1, 200);
        }

        Assert.Empty(again.Rejections.All);
    }

    /// <summary>Answers with this at last, and until then with nothing or what it answered before.</summary>
    internal static async Task AnswersAsync(EnvoyProcess envoy, int port, string expected, string? between = null)
        => await Eventually.HoldsAsync(
            async () =>
            {
                var answer = await envoy.GetAsync(port);
                Assert.Contains(answer, new[] { expected, between });
                return answer == expected;
            },
            $"it answers {expected}; it says {envoy.Log}");

    internal static async Task<string?> CertificateAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            string? seen = null;
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = (_, certificate, _, _) => (seen = (certificate as X509Certificate2)?.Thumbprint) is not null,
            });
            return seen;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return null;
        }
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
