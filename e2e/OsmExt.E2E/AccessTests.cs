using System.Net.Http.Headers;

namespace OsmExt.E2E;

/// <summary>Who reaches what, in a mesh where only TrafficTargets open anything. Both Envoys are on either side.</summary>
[Collection(nameof(ShopMesh))]
public sealed class AccessTests(Shop shop)
{
    private Mesh Mesh => shop.Mesh;

    [MeshTheory]
    [InlineData("buyer", "echo-v1", "v1")]
    [InlineData("buyer", "echo-v2", "v2")]
    [InlineData("old-buyer", "echo-v1", "v1")]
    [InlineData("old-buyer", "echo-v2", "v2")]
    public async Task What_a_target_allows_arrives_with_the_identities_of_both_sides(string client, string service, string server)
    {
        var answer = await Mesh.Pod(client).GetAsync($"http://{service}:8080/items/1");

        Assert.NotNull(answer);
        Assert.Equal((server, "/items/1"), ((string)answer["pod"]!, (string)answer["path"]!));
        var peer = (string)answer["headers"]!["x-forwarded-client-cert"]!;
        Assert.Contains($"URI=spiffe://cluster.local/{client}/shop", peer, StringComparison.Ordinal);
        Assert.Contains($"By=spiffe://cluster.local/{server}/shop", peer, StringComparison.Ordinal);
    }

    [MeshTheory]
    [InlineData(200, "buyer", "GET", "/items/1")]
    [InlineData(403, "buyer", "GET", "/other")]
    [InlineData(403, "buyer", "GET", "/items/../other")]
    [InlineData(403, "buyer", "GET", "/x/items/1")]
    [InlineData(403, "buyer", "POST", "/items/1")]
    [InlineData(403, "buyer", "GET", "/private")]
    [InlineData(403, "buyer", "GET", "/private", "wrong")]
    [InlineData(403, "buyer", "GET", "/private", "a secret-1")]
    [InlineData(200, "buyer", "GET", "/private", "secret-1")]
    [InlineData(403, "guest", "GET", "/items/1")]
    [InlineData(403, "guest", "GET", "/private", "secret-1")]
    // Its own sidecar knows no such service.
    [InlineData(0, "thief", "GET", "/items/1")]
    public async Task Path_method_and_header_decide(int expected, string client, string method, string path, string? token = null)
    {
        (string, string)[] headers = token is null ? [] : [("x-token", token)];
        foreach (var service in (string[])["echo-v1", "echo-v2"])
        {
            Assert.Equal(expected, await Mesh.Pod(client).StatusAsync(new HttpMethod(method), $"http://{service}:8080{path}", headers));
        }
    }

    [MeshFact]
    public async Task A_client_cannot_say_who_it_is()
    {
        var forged = ("x-forwarded-client-cert", "By=spiffe://cluster.local/v1/shop;URI=spiffe://cluster.local/buyer/shop");

        Assert.Equal(403, await Mesh.Pod("guest").StatusAsync("http://echo-v1:8080/items/1", forged));
        var answer = await Mesh.Pod("old-buyer").GetAsync("http://echo-v1:8080/items/1", forged);
        Assert.DoesNotContain("/buyer/", (string)answer!["headers"]!["x-forwarded-client-cert"]!, StringComparison.Ordinal);
    }

    [MeshTheory]
    [InlineData("echo-v1", "v1")]
    [InlineData("echo-v2", "v2")]
    public async Task Tcp_is_open_to_those_allowed_and_silent_to_others(string service, string server)
    {
        Assert.Equal($"{server} hi", await Mesh.Pod("buyer").LineAsync(service, 9000, "hi"));
        Assert.Equal($"hello from {server}", await Mesh.Pod("buyer").LineAsync(service, 9001, say: null));
        Assert.Equal($"hello from {server}", await Mesh.Pod("old-buyer").LineAsync(service, 9001, say: null));

        // The server would speak at once; that the client says nothing must not be a way to hear it.
        foreach (var word in (string?[])[null, "hi"])
        {
            Assert.Equal("", await Mesh.Pod("guest").LineAsync(service, 9001, word));
            Assert.Equal("", await Mesh.Pod("thief").LineAsync(service, 9001, word));
        }

        Assert.Equal($"{server} hi", await Mesh.Pod("guest").LineAsync(service, 9000, "hi"));
        Assert.Equal("", await Mesh.Pod("thief").LineAsync(service, 9000, "hi"));
    }

    [MeshTheory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task The_handshake_of_a_forbidden_identity_fails(string server)
    {
        var before = await FailedAsync();

        Assert.Equal("", await Mesh.Pod("guest").LineAsync($"echo-{server}", 9001, say: null));

        Assert.True(await FailedAsync() > before);

        async Task<double> FailedAsync() => Prometheus.Sum(await Mesh.AdminAsync(server, "stats/prometheus"), "envoy_listener_ssl_fail_verify_san");
    }

    [MeshTheory]
    [InlineData("buyer", "echo-v2")]
    [InlineData("old-buyer", "echo-v1")]
    public async Task A_grpc_call_passes_with_its_trailers(string client, string service)
    {
        using var http = Mesh.Pod(client).CreateClient(System.Net.HttpVersion.Version20);
        using var request = Call($"http://{service}:8081/shop.Echo/Say");
        using var response = await http.SendAsync(request);

        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([0, 0, 0, 0, 2, 8, 1], await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.Contains($"URI=spiffe://cluster.local/{client}/shop", response.TrailingHeaders.GetValues("x-peer").Single(), StringComparison.Ordinal);

        using var forbidden = Call($"http://{service}:8081/shop.Echo/Other");
        using var refused = await http.SendAsync(forbidden);
        // To a gRPC client, Envoy says "permission denied" the way gRPC does.
        Assert.Equal("7", refused.Headers.GetValues("grpc-status").Single());
    }

    private static HttpRequestMessage Call(string url)
    {
        var content = new ByteArrayContent([0, 0, 0, 0, 2, 8, 1]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        return new(HttpMethod.Post, url)
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
            Headers = { { "te", "trailers" } },
        };
    }
}
