using Envoy.Config.Core.V3;
using Envoy.Service.Cluster.V3;
using Envoy.Service.Discovery.V3;
using Envoy.Service.Endpoint.V3;
using Envoy.Service.Listener.V3;
using Envoy.Service.Route.V3;
using Envoy.Service.Secret.V3;
using Grpc.Core;
using Grpc.Net.Client;
using OsmExt.Envoy;
using OsmExt.Xds.Server;
using OsmExt.Xds.Tests.Hosting;

namespace OsmExt.Xds.Tests.Streams;

/// <summary>Services that carry one type each: what they leave to the aggregated one.</summary>
public sealed class SeparateStreamTests : StreamTests
{
    private const int MostStreams = 8;
    private const int MostCharacters = 80_000;

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_type_need_not_be_said_and_must_not_be_another(string variant)
    {
        Server.Publish(Some.StaticCluster("c"), Some.Secret("s"));
        foreach (var (said, taken) in new[] { ("", true), (TypeUrls.Cluster, true), (TypeUrls.Secret, false) })
        {
            var peer = Keep(Peer.OpenSeparate(Connect(), variant, "CDS"));
            await peer.AskAsync(said);
            if (taken)
            {
                Assert.Equal("CDS c", await peer.TakeAsync());
                continue;
            }

            var status = await peer.Ended.WaitAsync(Eventually.Patience);
            Assert.Equal(StatusCode.InvalidArgument, status.StatusCode);
            Assert.Contains("ClusterDiscoveryService carries", status.Detail, StringComparison.Ordinal);
            Assert.Equal(0, peer.Count);
        }
    }

    [Fact]
    public async Task Another_type_later_ends_the_stream_as_well()
    {
        Server.Publish(Some.StaticCluster("c"), Some.Secret("s"));
        var peer = Keep(Peer.OpenSeparate(Connect(), "delta", "CDS"));
        await peer.AskAsync("CDS", "c");
        Assert.Equal("CDS c", await peer.TakeAsync());
        await peer.AskAsync("SDS", "s");
        Assert.Equal(StatusCode.InvalidArgument, (await peer.Ended.WaitAsync(Eventually.Patience)).StatusCode);
        Assert.Equal(1, peer.Count);
    }

    [Fact]
    public async Task Asking_once_is_refused_with_what_to_do_instead()
    {
        using var channel = GrpcChannel.ForAddress(Server.PlaintextAddress);
        var request = new DiscoveryRequest { Node = new Node { Id = Proxy } };
        Func<Task>[] asked =
        [
            async () => await new ClusterDiscoveryService.ClusterDiscoveryServiceClient(channel).FetchClustersAsync(request),
            async () => await new EndpointDiscoveryService.EndpointDiscoveryServiceClient(channel).FetchEndpointsAsync(request),
            async () => await new ListenerDiscoveryService.ListenerDiscoveryServiceClient(channel).FetchListenersAsync(request),
            async () => await new RouteDiscoveryService.RouteDiscoveryServiceClient(channel).FetchRoutesAsync(request),
            async () => await new SecretDiscoveryService.SecretDiscoveryServiceClient(channel).FetchSecretsAsync(request),
        ];
        foreach (var ask in asked)
        {
            var refused = await Assert.ThrowsAsync<RpcException>(ask);
            Assert.Equal(StatusCode.Unimplemented, refused.StatusCode);
            Assert.Contains("open a stream with Delta", refused.Status.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Virtual_hosts_on_a_stream_of_their_own_are_all_sent_since_only_the_client_knows_where_they_belong()
    {
        Server.Publish(Some.Route("r"), Some.VirtualHost("r/a"), Some.VirtualHost("s/b"));
        var peer = Keep(Peer.OpenSeparate(Connect(), "delta", "VHDS"));
        await peer.AskAsync("VHDS");
        Assert.Equal("VHDS r/a s/b", await peer.TakeAsync());
        Server.Remove("VHDS", "r/a");
        Assert.Equal("VHDS -r/a", await peer.TakeAsync());
    }

    /// <summary>Endpoints are asked for on another stream, so waiting for that would be in vain. Hold times are long here.</summary>
    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Clusters_do_not_wait_for_endpoints_to_be_asked_for(string variant)
    {
        Server.Publish(Some.Cluster("a"), Some.Cluster("b"));
        var peer = Keep(Peer.OpenSeparate(Connect(), variant, "CDS"));
        await peer.AskAsync("CDS");
        Assert.Equal("CDS a b", await peer.TakeAsync());
        Server.Remove("CDS", "a");
        Assert.Equal(variant == "delta" ? "CDS -a" : "CDS b", await peer.TakeAsync());
    }

    [Fact]
    public async Task They_are_counted_by_themselves()
    {
        Server.Publish(Some.StaticCluster("c"));
        var client = Connect();
        for (var i = 0; i < MostStreams; i++)
        {
            var peer = Keep(Peer.OpenSeparate(client, "delta", "CDS"));
            await peer.AskAsync("CDS");
            Assert.Equal("CDS c", await peer.TakeAsync());
        }

        var oneMore = Keep(Peer.OpenSeparate(client, "delta", "CDS"));
        await oneMore.AskAsync("CDS");
        var refused = await oneMore.Ended.WaitAsync(Eventually.Patience);
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Contains($"{MostStreams} streams of single types", refused.Detail, StringComparison.Ordinal);

        var aggregated = Open("delta", client);
        await aggregated.AskAsync("CDS");
        Assert.Equal("CDS c", await aggregated.TakeAsync());
    }

    [Fact]
    public async Task The_names_of_all_of_them_cost_no_more_than_those_of_one_aggregated_stream()
    {
        Server.Publish();
        var peer = Keep(Peer.OpenSeparate(Connect(), "delta", "EDS"));
        await peer.AskAsync("EDS", new string('a', MostCharacters / MostStreams / 2));
        await peer.AckAsync(await peer.NextAsync());
        await peer.AskAsync("EDS", new string('b', MostCharacters / MostStreams / 2), "c");
        var ended = await peer.Ended.WaitAsync(Eventually.Patience);
        Assert.Equal(StatusCode.ResourceExhausted, ended.StatusCode);
        Assert.Contains($"more than {MostCharacters / MostStreams} characters", ended.Detail, StringComparison.Ordinal);
    }

    private protected override void Configure(XdsServerOptions options)
        => (options.HoldTimeout, options.MaxSeparateStreamsPerProxy, options.MaxNameCharacters) = (TimeSpan.FromMinutes(10), MostStreams, MostCharacters);
}
