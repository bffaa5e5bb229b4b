using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using OsmExt.Envoy;
using OsmExt.Xds.Server;
using OsmExt.Xds.Tests.Hosting;
using OsmExt.Xds.Tests.Streams;

namespace OsmExt.Xds.Tests.Hostile;

[Collection(nameof(Alone))]
public sealed class IntroductionTests : HostileTests
{
    [Theory]
    [MemberData(nameof(Variants))]
    public async Task The_first_request_has_to_carry_the_node(string variant)
    {
        var nobody = Open(variant);
        await nobody.SayAsync("CDS", "");
        await IsEndedAsync(nobody, StatusCode.InvalidArgument, "has to carry the node");
    }

    [Fact]
    public async Task A_stream_stays_with_its_node_in_the_state_of_the_world()
    {
        var stream = Keep(Connect("hostile").OpenStateOfTheWorld());
        await stream.RequestAsync(TypeUrls.Cluster);
        await stream.AckAsync(await stream.NextAsync());
        await stream.SendAsync(new() { TypeUrl = TypeUrls.Listener, Node = new() { Id = "hostile" } });
        await stream.NextAsync(TypeUrls.Listener);
        await stream.SendAsync(new() { TypeUrl = TypeUrls.Route, ResourceNames = { "r" }, Node = new() { Id = "witness" } });
        await IsEndedAsync(new SotwPeer(stream), StatusCode.PermissionDenied, "belongs to one node");
    }

    [Fact]
    public async Task A_stream_stays_with_its_node_in_delta()
    {
        var stream = Keep(Connect("hostile").OpenDelta());
        await stream.SubscribeAsync(TypeUrls.Cluster);
        await stream.AckAsync(await stream.NextAsync());
        await stream.SendAsync(new() { TypeUrl = TypeUrls.Route, ResourceNamesSubscribe = { "r" }, Node = new() { Id = "witness" } });
        await IsEndedAsync(new DeltaPeer(stream), StatusCode.PermissionDenied, "belongs to one node");
    }

    [Fact]
    public async Task A_request_has_to_name_its_type()
    {
        var stream = Keep(Connect("hostile").OpenDelta());
        await stream.SubscribeAsync("", "x");
        await IsEndedAsync(new DeltaPeer(stream), StatusCode.InvalidArgument, "type_url");
    }

    [Fact]
    public async Task Both_variants_on_one_connection_are_two_streams_and_more_than_four_are_refused()
    {
        var client = Connect("hostile");
        var peers = new List<Peer>();
        for (var i = 0; i < 4; i++)
        {
            peers.Add(Keep(Peer.Open(client, i % 2 == 0 ? "sotw" : "delta")));
            await peers[i].AskAsync("CDS");
            Assert.Equal("CDS witness", await peers[i].TakeAsync());
        }

        var oneMore = Keep(Peer.Open(client, "sotw"));
        await oneMore.AskAsync("CDS");
        var refused = await oneMore.Ended.WaitAsync(Eventually.Patience);
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Contains("4 streams", refused.Detail, StringComparison.Ordinal);

        await OthersAreServedAsync();
        foreach (var peer in peers)
        {
            Assert.Equal("CDS witness", await peer.TakeAsync());
        }

        await peers[0].DisposeAsync();
        await Eventually.HoldsAsync(() => Server.Registry.Describe("hostile").Count == 3, "the closed stream is forgotten");
        var replacement = Keep(Peer.Open(client, "sotw"));
        await replacement.AskAsync("CDS");
        Assert.Equal("CDS witness", await replacement.TakeAsync());
    }

    [Theory]
    [InlineData("StreamAggregatedResources")]
    [InlineData("DeltaAggregatedResources")]
    public async Task Bytes_that_are_no_request_end_the_stream(string method)
    {
        var other = method.StartsWith("Delta", StringComparison.Ordinal)
            ? new DiscoveryRequest { Node = new Node { Id = "hostile" }, TypeUrl = TypeUrls.Cluster }.ToByteArray()
            : new DeltaDiscoveryRequest { Node = new Node { Id = "hostile" }, TypeUrl = TypeUrls.Cluster }.ToByteArray();
        var status = await SendRawAsync(method, [0xFF, 0xFF, 0xFF, 0xFF]);
        Assert.Equal(StatusCode.InvalidArgument, status.StatusCode);
        Assert.Contains("not a valid discovery request", status.Detail, StringComparison.Ordinal);

        // The other variant's request may happen to be readable, but then it says nothing that makes sense.
        Assert.Equal(StatusCode.InvalidArgument, (await SendRawAsync(method, other)).StatusCode);
        await OnlyTheWitnessIsLeftAsync();
        await OthersAreServedAsync();
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_node_that_is_too_large_is_refused(string variant)
    {
        var client = new OsmExt.Testing.Xds.AdsTestClient(Server.Address, new()
        {
            ClientCertificate = Server.Pki.Issue("hostile"),
            TrustedRoots = [Server.Pki.Root],
            NodeId = "hostile",
            Node = new() { Metadata = new() { Fields = { ["much"] = Google.Protobuf.WellKnownTypes.Value.ForString(new string('m', 300_000)) } } },
        });
        await using var closing = client;
        var wordy = Keep(Peer.Open(client, variant));
        await wordy.AskAsync("CDS");
        await IsEndedAsync(wordy, StatusCode.ResourceExhausted, "a node of more than 262144 bytes");
    }

    [Theory]
    [InlineData("StreamAggregatedResources")]
    [InlineData("DeltaAggregatedResources")]
    public async Task Metadata_that_nests_without_end_is_no_request(string method)
    {
        // Written by hand, for no library would: a list in a list, a hundred thousand deep, would take the stack with it.
        var value = Array.Empty<byte>();
        foreach (var depth in new[] { 90, 100_000 })
        {
            value = Nested(depth);
            var node = Field(3, Field(1, [.. Field(1, "m"u8.ToArray()), .. Field(2, value)]));
            byte[] request = method.StartsWith("Delta", StringComparison.Ordinal) ? [.. Field(1, [.. Field(1, "hostile"u8.ToArray()), .. node])] : [.. Field(2, [.. Field(1, "hostile"u8.ToArray()), .. node])];
            Assert.Equal(StatusCode.InvalidArgument, (await SendRawAsync(method, request)).StatusCode);
        }

        await OnlyTheWitnessIsLeftAsync();
        await OthersAreServedAsync();
    }

    private static byte[] Nested(int depth)
    {
        // Lengths from the inside out, then the heads from the outside in.
        var lengths = new List<int> { 0 };
        for (var i = 0; i < 2 * depth; i++)
        {
            lengths.Add(lengths[^1] + 1 + Varint(lengths[^1]).Length);
        }

        var bytes = new MemoryStream();
        for (var i = (2 * depth) - 1; i >= 0; i--)
        {
            bytes.WriteByte((byte)(((i % 2 == 0 ? 1 : 6) << 3) | 2));
            bytes.Write(Varint(lengths[i]));
        }

        return bytes.ToArray();
    }

    private static byte[] Field(int number, byte[] content) => [(byte)((number << 3) | 2), .. Varint(content.Length), .. content];

    private static byte[] Varint(int value)
    {
        var bytes = new List<byte>();
        for (; value > 0x7F; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }

    private async Task<Status> SendRawAsync(string name, byte[] bytes)
    {
        var raw = Marshallers.Create(static (byte[] b) => b, static b => b);
        using var channel = GrpcChannel.ForAddress(Server.PlaintextAddress);
        var method = new Method<byte[], byte[]>(MethodType.DuplexStreaming, DiscoveryService.Aggregated.Name, name, raw, raw);
        using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(method, null, new CallOptions());
        await call.RequestStream.WriteAsync(bytes);
        var ended = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Eventually.Patience));
        return ended.Status;
    }
}
