using System.Diagnostics;
using System.Text.Json.Nodes;
using Envoy.Service.Status.V3;
using Grpc.Core;
using Grpc.Net.Client;
using OsmExt.Xds.Tests.Hosting;
using OsmExt.Xds.Tests.RealEnvoy;
using OsmExt.Xds.Tests.Streams;

namespace OsmExt.Xds.Tests.GrpcJs;

/// <summary>What proxies have, asked with a client we did not write: @grpc/grpc-js with its own definitions, over mutual TLS.</summary>
public sealed class ClientStatusTests : StreamTests
{
    [Theory]
    [MemberData(nameof(Variants))]
    public async Task It_says_of_each_resource_how_far_it_has_come(string variant)
    {
        await LiveAsync(variant);
        var answer = await AskAsync(CommonNameReaders.Reader);
        Assert.Equal($"{answer["fetched"]}", $"{answer["streamed"]}");
        var client = Assert.Single(answer["fetched"]!.AsArray())!;
        Assert.Equal((Proxy, Proxy), ($"{client["node"]}", $"{client["proxy"]}"));
        Assert.Equal(
            [
                $"Cluster a SYNCED {Some.StaticCluster("a").Version}", $"Cluster b ERROR {Some.StaticCluster("b").Version} b is bad",
                "ClusterLoadAssignment e STALE ", "ClusterLoadAssignment missing NOT_SENT ", $"Secret s SYNCED {Some.Secret("s").Version}",
            ],
            Lines(client));
    }

    [Fact]
    public async Task Contents_are_told_of_proxies_that_are_named_and_never_of_secrets()
    {
        await LiveAsync("delta");
        Assert.All(Resources(await AskAsync(CommonNameReaders.Reader)), resource => Assert.Null(resource["content"]));
        foreach (var matcher in new JsonObject[] { new() { ["exact"] = Proxy }, new() { ["prefix"] = "pro" }, new() { ["contains"] = "OX", ["ignore_case"] = true } })
        {
            var named = Resources(await AskAsync(CommonNameReaders.Reader, matcher));
            Assert.Equal(["a", "b", "e"], named.Where(r => r["content"] is not null).Select(r => $"{r["name"]}"));
            Assert.Contains(named, r => $"{r["name"]}" == "e" && $"{r["content"]}".Contains("127.0.0.1", StringComparison.Ordinal));
        }

        Assert.Empty((await AskAsync(CommonNameReaders.Reader, new() { ["exact"] = "somebody else" }))["fetched"]!.AsArray());
    }

    [Fact]
    public async Task Proxies_are_told_of_themselves_only()
    {
        await LiveAsync("delta");
        Assert.NotEmpty(Resources(await AskAsync(Proxy)));
        Assert.Empty((await AskAsync("neighbour"))["fetched"]!.AsArray());
        Assert.Empty((await AskAsync("neighbour", new() { ["exact"] = Proxy }))["fetched"]!.AsArray());
    }

    [Fact]
    public async Task What_cannot_be_matched_is_refused_and_patterns_are_not_run()
    {
        var refused = await AskAsync(CommonNameReaders.Reader, new() { ["safe_regex"] = new JsonObject { ["regex"] = "(a+)+" } });
        Assert.Equal((int)StatusCode.InvalidArgument, (int)refused["error"]!);
        Assert.Contains("exact, prefix, suffix or contains", $"{refused["details"]}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Separate_streams_of_a_node_are_one_client()
    {
        Server.Publish(Some.StaticCluster("a"), Some.Route("r"));
        foreach (var type in new[] { "CDS", "RDS" })
        {
            var peer = Keep(Peer.OpenSeparate(Connect(), "delta", type));
            await peer.AskAsync(type, "a", "r");
            await peer.TakeAsync();
        }

        await Server.WhenAnsweredAsync();
        var client = Assert.Single((await AskAsync(CommonNameReaders.Reader))["fetched"]!.AsArray())!;
        Assert.Equal(["Cluster a SYNCED", "Cluster r NOT_SENT", "RouteConfiguration a NOT_SENT", "RouteConfiguration r SYNCED"], Lines(client).Select(l => l.Split(' ')[..3]).Select(l => string.Join(' ', l)));
    }

    [Fact]
    public async Task Who_never_stops_asking_is_answered_at_a_rate()
    {
        using var channel = GrpcChannel.ForAddress(Server.PlaintextAddress);
        var client = new ClientStatusDiscoveryService.ClientStatusDiscoveryServiceClient(channel);
        var start = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 28; i++)
        {
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.FetchClientStatusAsync(new()));
            Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        }

        // 20 at once, the others at 5 a second.
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.FromSeconds(1.5), TimeSpan.MaxValue);
    }

    private static IEnumerable<string> Lines(JsonNode client)
        => client["resources"]!.AsArray().Select(r => $"{r!["type"]} {r["name"]} {r["status"]} {r["version"]}{(r["error"] is { } error ? $" {error}" : "")}");

    private static List<JsonNode> Resources(JsonNode answer) => [.. answer["fetched"]!.AsArray().SelectMany(client => client!["resources"]!.AsArray()).OfType<JsonNode>()];

    /// <summary>One resource in each state.</summary>
    private async Task LiveAsync(string variant)
    {
        Server.Publish(Some.StaticCluster("a"), Some.StaticCluster("b"), Some.Endpoints("e"), Some.Secret("s"));
        var peer = Open(variant);
        await peer.AskAsync("CDS");
        await peer.TakeAsync("CDS");
        await peer.AskAsync("SDS", "s");
        await peer.TakeAsync("SDS");
        Server.Change(Some.StaticCluster("b", 2));
        await peer.NackAsync(await peer.NextAsync("CDS"), "b is bad");
        await Server.WhenAnsweredAsync();
        await peer.AskAsync("EDS", "e", "missing");
        await peer.NextAsync("EDS");
    }

    private async Task<JsonNode> AskAsync(string asking, JsonObject? nodeId = null)
    {
        var certificate = Server.Issue(asking);
        var start = new ProcessStartInfo("node", "status.js")
        {
            WorkingDirectory = Path.Join(AppContext.BaseDirectory, "GrpcJs"),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var node = Process.Start(start)!;
        await node.StandardInput.WriteAsync(new JsonObject
        {
            ["target"] = Server.Address.Authority,
            ["roots"] = Server.Pki.Root.ExportCertificatePem(),
            ["certificate"] = certificate.ExportCertificatePem(),
            ["key"] = certificate.GetECDsaPrivateKeyPem(),
            ["request"] = nodeId is null ? new() : new JsonObject { ["node_matchers"] = new JsonArray(new JsonObject { ["node_id"] = nodeId }) },
        }.ToJsonString());
        node.StandardInput.Close();
        var answer = await node.StandardOutput.ReadToEndAsync().WaitAsync(Eventually.Patience);
        await node.WaitForExitAsync();
        return JsonNode.Parse(answer)!;
    }
}
