using System.Net;
using System.Text.Json.Nodes;

namespace OsmExt.E2E;

/// <summary>
/// The plugin ExternalAuth before real Envoys of both versions, with an authorization server that is a service of the mesh and one outside of
/// it. The server does what the request's header x-judge says; without one it denies. Its own requests have none: were it asked about them, nothing would be let in.
/// </summary>
public sealed class ExternalAuthTests(JudgedShop shop) : IClassFixture<JudgedShop>
{
    private Mesh Mesh => shop.Mesh;

    [MeshTheory]
    [InlineData("asked-v1", "allow", 200)]
    [InlineData("asked-v1", "deny", 403)]
    [InlineData("asked-v1", "tea", 418)]
    [InlineData("asked-v1", "slow", 403)]
    [InlineData("asked-v1", "garbage", 403)]
    [InlineData("asked-v2", "allow", 200)]
    [InlineData("asked-v2", "deny", 403)]
    [InlineData("asked-v2", "tea", 418)]
    [InlineData("asked-v2", "slow", 403)]
    [InlineData("asked-v2", "garbage", 403)]
    // With failureMode: open only an answer that refuses does.
    [InlineData("open-v1", "allow", 200)]
    [InlineData("open-v1", "deny", 403)]
    [InlineData("open-v1", "slow", 200)]
    [InlineData("open-v1", "garbage", 200)]
    [InlineData("open-v2", "allow", 200)]
    [InlineData("open-v2", "deny", 403)]
    [InlineData("open-v2", "slow", 200)]
    [InlineData("open-v2", "garbage", 200)]
    // Nobody listens where the server should be.
    [InlineData("down-v1", "allow", 403)]
    [InlineData("down-v2", "allow", 403)]
    [InlineData("gone-v1", "deny", 200)]
    [InlineData("gone-v2", "deny", 200)]
    // A service that does not exist, even with failureMode: open.
    [InlineData("typo-v1", "allow", 403)]
    [InlineData("typo-v2", "allow", 403)]
    // In shadow mode it is asked, and nothing it answers counts.
    [InlineData("shadow-v1", "allow", 200)]
    [InlineData("shadow-v1", "deny", 200)]
    [InlineData("shadow-v1", "tea", 200)]
    [InlineData("shadow-v1", "slow", 200)]
    [InlineData("shadow-v1", "garbage", 200)]
    [InlineData("shadow-v2", "allow", 200)]
    [InlineData("shadow-v2", "deny", 200)]
    [InlineData("shadow-v2", "tea", 200)]
    [InlineData("shadow-v2", "slow", 200)]
    [InlineData("shadow-v2", "garbage", 200)]
    [InlineData("free-v1", "deny", 200)]
    [InlineData("free-v2", "deny", 200)]
    public async Task The_answer_decides_and_where_there_is_none_the_failure_mode(string service, string answer, int status)
        => Assert.Equal(status, await Mesh.Pod("buyer").StatusAsync($"http://{service}:8080/items/1", ("x-judge", answer)));

    [MeshTheory]
    [InlineData("shadow-v1")]
    [InlineData("shadow-v2")]
    public async Task In_shadow_mode_the_server_is_asked(string service)
    {
        var path = $"/items/{service}";
        Assert.Equal(200, await Mesh.Pod("buyer").StatusAsync($"http://{service}:8080{path}", ("x-judge", "deny")));
        await Wait.UntilAsync(() => Mesh.Logs().Contains($"\"url\":\"{path}\"", StringComparison.Ordinal), "the server has told that it was asked");
    }

    [MeshTheory]
    [InlineData("asked-v1")]
    [InlineData("asked-v2")]
    public async Task The_server_is_told_who_calls_what_and_the_context_and_what_it_answers_reaches_the_application(string service)
    {
        using var client = Mesh.Pod("buyer").CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{service}:8080/items/1") { Content = new StringContent(new string('x', 50)) };
        request.Headers.Add("x-judge", "allow");
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        var arrived = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["headers"]!;
        Assert.Equal("realm=shop", $"{arrived["x-judged-context"]}");
        Assert.Equal("20", $"{arrived["x-judged-body"]}");
        Assert.Equal("spiffe://cluster.local/buyer/shop", $"{arrived["x-judged-principal"]}");
    }

    [MeshFact]
    public async Task A_refusal_may_have_a_status_headers_and_a_body_of_its_own()
    {
        using var client = Mesh.Pod("buyer").CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://asked-v1:8080/items/1");
        request.Headers.Add("x-judge", "tea");
        using var response = await client.SendAsync(request);

        Assert.Equal((418, "no"), ((int)response.StatusCode, response.Headers.GetValues("x-judged").Single()));
        Assert.Equal("no coffee here", await response.Content.ReadAsStringAsync());
    }

    [MeshFact]
    public async Task The_MeshConfig_has_everything_judged_and_without_the_plugin_nothing_is_let_in()
    {
        Assert.Equal(200, await AskAsync("plain-v1", "deny"));
        shop.WriteMeshConfig(JudgedShop.Outside);
        try
        {
            foreach (var service in (string[])["plain-v1", "plain-v2"])
            {
                await Wait.ForAsync(403, () => AskAsync(service, "deny"));
                Assert.Equal(200, await AskAsync(service, "allow"));
                // Objects are more specific than the MeshConfig.
                Assert.Equal(200, await AskAsync(service.Replace("plain", "free", StringComparison.Ordinal), "deny"));
            }

            shop.Remove();
            await Wait.ForAsync((403, 403), async () => (await AskAsync("plain-v1", "allow"), await AskAsync("plain-v2", "allow")));
            Assert.Contains("OSM1010", $"{await Mesh.DebugAsync("diagnostics")}", StringComparison.Ordinal);
            shop.Install();
            await Wait.ForAsync((200, 200), async () => (await AskAsync("plain-v1", "allow"), await AskAsync("plain-v2", "allow")));
        }
        finally
        {
            shop.WriteMeshConfig(null);
        }

        await Wait.ForAsync((200, 200), async () => (await AskAsync("plain-v1", "deny"), await AskAsync("plain-v2", "deny")));
    }

    private Task<int> AskAsync(string service, string answer) => Mesh.Pod("buyer").StatusAsync($"http://{service}:8080/items/1", ("x-judge", answer));
}
