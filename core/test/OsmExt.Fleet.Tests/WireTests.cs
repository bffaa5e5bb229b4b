using CsCheck;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;
using OsmExt.Fleet.Floor;
using OsmExt.Fleet.Proxies;
using OsmExt.Fleet.Wire;

namespace OsmExt.Fleet.Tests;

/// <summary>What proxies write and read by hand is what the generated code would.</summary>
public class WireTests
{
    [Fact]
    public void Messages_are_put_together_however_they_were_cut()
    {
        var size = Gen.Int[0, 300].Array[1, 5];
        Gen.Select(size, Gen.Int[1, 40]).Sample((sizes, piece) =>
        {
            var messages = sizes.Select((length, index) => Enumerable.Repeat((byte)index, length).ToArray()).ToArray();
            byte[] stream = [.. messages.SelectMany(message => (byte[])[0, 0, 0, (byte)(message.Length >> 8), (byte)message.Length, .. message])];
            var (assembly, read) = (new MessageAssembly(), new List<byte[]>());
            foreach (var chunk in stream.Chunk(piece))
            {
                for (var rest = chunk.AsMemory(); rest.Length > 0;)
                {
                    rest = rest[assembly.Take(rest, out var message)..];
                    if (message is { } whole)
                    {
                        read.Add(whole.ToArray());
                        assembly.Release();
                    }
                }
            }

            // An empty message is complete with its head; one at the very end of a piece is seen with the next bytes.
            Assert.Equal(messages.Where(message => message.Length > 0), read.Where(message => message.Length > 0));
        });
    }

    [Fact]
    public void A_delta_response_is_read_as_the_generated_code_wrote_it()
    {
        var value = ByteString.CopyFrom(1, 2, 3);
        var message = new DeltaDiscoveryResponse
        {
            SystemVersionInfo = "system", TypeUrl = TypeUrls.Endpoint, Nonce = "n-1", RemovedResources = { "gone" },
            Resources = { new Resource { Name = "here", Version = "v", Resource_ = new Any { TypeUrl = TypeUrls.Endpoint, Value = value } } },
        };
        var read = Response.Read(message.ToByteArray(), delta: true, new());
        Assert.Equal((TypeUrls.Endpoint, "n-1", "gone"), (read.TypeUrl, read.Nonce, Assert.Single(read.Removed).Text));
        var payload = Assert.Single(read.Resources);
        Assert.Equal(("here", "v", Payload.DigestOf(value.Span)), (payload.Name.Text, payload.Version, payload.Content));
    }

    [Fact]
    public void In_the_state_of_the_world_a_resource_is_named_by_its_content()
    {
        var cluster = new global::Envoy.Config.Cluster.V3.Cluster { Name = "bookstore" };
        var message = new DiscoveryResponse { TypeUrl = TypeUrls.Cluster, Nonce = "n", VersionInfo = "7", Resources = { new Any { TypeUrl = TypeUrls.Cluster, Value = cluster.ToByteString() } } };
        var read = Response.Read(message.ToByteArray(), delta: false, new());
        Assert.Equal(("7", "bookstore"), (read.Version, Assert.Single(read.Resources).Name.Text));
    }

    [Fact]
    public void Fields_are_written_as_the_generated_code_reads_them()
    {
        var output = new Output();
        output.Text(2, TypeUrls.Cluster);
        output.Text(3, "a");
        output.Text(3, new string('b', 400));
        output.Text(6, "");
        output.Head(7, 2 + Output.SizeOf("no"));
        output.Number(1, 3);
        output.Text(2, "no");
        var read = DeltaDiscoveryRequest.Parser.ParseFrom(output.Written.Span);
        Assert.Equal(new DeltaDiscoveryRequest { TypeUrl = TypeUrls.Cluster, ResourceNamesSubscribe = { "a", new string('b', 400) }, ErrorDetail = new() { Code = 3, Message = "no" } }, read);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(283)]
    [InlineData(2048)]
    [InlineData(20_000)]
    public void The_floors_payload_has_the_size_that_was_asked_for(int size)
        => Assert.InRange(FloorPayload.Of(size).Length, size < 200 ? 1 : size - 4, size < 200 ? 200 : size);

    [Fact]
    public void A_status_is_found_in_trailers()
        => Assert.Equal("status 8: too many", Frames.StatusIn([0x40, 0x0b, .. "grpc-status"u8, 0x01, .. "8"u8, 0x40, 0x0c, .. "grpc-message"u8, 0x0a, .. "too%20many"u8]));
}
