using System.Net;
using Envoy.Service.Discovery.V3;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OsmExt.Envoy;
using OsmExt.Testing.Xds;
using OsmExt.Xds;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Server;
using OsmExt.Xds.Snapshots;
using Node = Envoy.Config.Core.V3.Node;

namespace OsmExt.Testing.Tests;

/// <summary>The client against the real server, in plaintext.</summary>
public sealed class AdsTestClientTests : IAsyncLifetime
{
    private readonly WebApplication _server;

    public AdsTestClientTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddXds().AddSingleton<IXdsClientAuthorizer, Anybody>();
        _server = builder.Build();
        _server.MapXds();
        Publish(1, "1.1.1.1");
    }

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task It_acknowledges_only_what_it_is_told_to()
    {
        await using var client = Client();
        await using var stream = client.OpenStateOfTheWorld();
        await stream.RequestAsync(TypeUrls.Cluster);
        var first = await stream.NextAsync(TypeUrls.Cluster);
        Publish(2, "2.2.2.2");

        // The server waits for an answer before it sends more of a type; asking for another type shows that it is alive.
        await stream.RequestAsync(TypeUrls.Secret, "absent");
        await Assert.ThrowsAsync<TimeoutException>(() => stream.NextAsync(TypeUrls.Cluster, TimeSpan.FromMilliseconds(200)));
        await stream.AckAsync(first);

        Assert.NotEqual(first.VersionInfo, (await stream.NextAsync(TypeUrls.Cluster)).VersionInfo);
        Assert.Equal(2, stream.Received.Count(response => response.TypeUrl == TypeUrls.Cluster));
    }

    [Fact]
    public async Task It_acknowledges_by_itself_when_asked_to()
    {
        await using var client = Client();
        await using var stream = client.OpenDelta();
        stream.AutoAck = true;
        await stream.SubscribeAsync(TypeUrls.Cluster, "*");
        await stream.NextAsync(TypeUrls.Cluster);
        Publish(2, "2.2.2.2");

        Assert.Equal("web", Assert.Single((await stream.NextAsync(TypeUrls.Cluster)).Resources).Name);
        Assert.True(client.BytesReceived > 0);
    }

    [Fact]
    public async Task A_stream_that_ended_says_how_instead_of_waiting()
    {
        await using var client = Client(node: "");
        await using var stream = client.OpenDelta();
        await stream.SubscribeAsync(TypeUrls.Cluster, "*");

        var ended = await Assert.ThrowsAsync<RpcException>(() => stream.NextAsync());
        Assert.Equal(StatusCode.PermissionDenied, ended.StatusCode);
        Assert.Equal(ended.StatusCode, (await stream.Ended).StatusCode);
    }

    [Fact]
    public async Task Only_the_first_request_carries_the_node()
    {
        await using var client = Client();
        await using var stream = client.OpenDelta();
        await stream.SubscribeAsync(TypeUrls.Cluster, "*");
        await stream.SendAsync(new DeltaDiscoveryRequest { TypeUrl = TypeUrls.Listener, Node = new Node { Id = "somebody else" } });

        Assert.Equal(StatusCode.PermissionDenied, (await stream.Ended.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System)).StatusCode);
    }

    private AdsTestClient Client(string node = "one")
        => new(new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()),
            new() { NodeId = node });

    private void Publish(long revision, string address)
    {
        var cluster = new global::Envoy.Config.Cluster.V3.Cluster { Name = "web", AltStatName = address };
        _server.Services.GetRequiredService<SnapshotCache>().Publish("scope", XdsSnapshot.Create(revision, [XdsResource.Create(cluster,
            cluster.Name)]));
    }

    private sealed class Anybody : IXdsClientAuthorizer
    {
        public ValueTask<ClientDecision> AuthorizeAsync(HttpContext connection, Node node, XdsVariant variant, CancellationToken cancellationToken)
            => ValueTask.FromResult(node.Id.Length == 0
                ? ClientDecision.Refuse(StatusCode.PermissionDenied, "a name, please")
                : ClientDecision.Accept(new ConnectedClient(node.Id, "scope")));

        public void Connected(ConnectedClient client)
        {
        }

        public void Disconnected(ConnectedClient client)
        {
        }
    }
}
