using System.Security.Cryptography;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using OsmExt.Envoy;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Server;
using OsmExt.Xds.Tests.Hosting;

namespace OsmExt.Xds.Tests.Hostile;

/// <summary>
/// Random words on real streams of every service: bytes that are no message, requests of the other variant, types nobody knows, nonces of other streams and
/// of this one again, and again from a second stream at the same time. A stream ends with a rule, never with a failure of the server's.
/// </summary>
[Collection(nameof(Alone))]
public sealed class NoiseTests : HostileTests
{
    private const int Streams = 150;

    private static readonly StatusCode[] Rules = [StatusCode.OK, StatusCode.InvalidArgument, StatusCode.PermissionDenied, StatusCode.ResourceExhausted, StatusCode.Cancelled];
    private static readonly string[] Types = [.. TypeUrls.PushOrder, "", "type.googleapis.com/nobody.Knows", TypeUrls.Cluster + "/"];

    private readonly List<string> _nonces = ["", "invented"];

    [Fact]
    public async Task Whatever_is_said_streams_end_by_rules_and_others_are_served()
    {
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        var random = new Random(seed);
        using var channel = GrpcChannel.ForAddress(Server.PlaintextAddress);
        for (var i = 0; i < Streams; i++)
        {
            var service = DiscoveryService.All[random.Next(DiscoveryService.All.Count)];
            var variant = service.HasStateOfTheWorld && random.Next(2) == 0 ? XdsVariant.StateOfTheWorld : XdsVariant.Delta;
            var ended = await Task.WhenAll(Enumerable.Range(0, 1 + random.Next(2)).Select(_ => LiveAsync(channel, service, variant, [.. Frames(random, variant)])));
            Assert.All(ended, status => Assert.True(Rules.Contains(status.StatusCode), $"seed {seed}, stream {i}, {service.MethodOf(variant)}: {status}"));
        }

        await OnlyTheWitnessIsLeftAsync();
        await OthersAreServedAsync();
    }

    private async Task<Status> LiveAsync(GrpcChannel channel, DiscoveryService service, XdsVariant variant, byte[][] frames)
    {
        var raw = Marshallers.Create(static (byte[] b) => b, static b => b);
        var method = new Method<byte[], byte[]>(MethodType.DuplexStreaming, service.Name, service.MethodOf(variant), raw, raw);
        using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(method, null, default);
        try
        {
            foreach (var frame in frames)
            {
                await call.RequestStream.WriteAsync(frame);
            }

            await call.RequestStream.CompleteAsync();
            while (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Eventually.Patience))
            {
                lock (_nonces)
                {
                    _nonces.Add(variant == XdsVariant.Delta
                        ? DeltaDiscoveryResponse.Parser.ParseFrom(call.ResponseStream.Current).Nonce : DiscoveryResponse.Parser.ParseFrom(call.ResponseStream.Current).Nonce);
                }
            }

            return call.GetStatus();
        }
        catch (RpcException ended)
        {
            return ended.Status;
        }
        catch (InvalidOperationException)
        {
            // Ended while it spoke.
            return call.GetStatus();
        }
    }

    private IEnumerable<byte[]> Frames(Random random, XdsVariant variant)
    {
        for (var count = random.Next(1, 8); count > 0; count--)
        {
            var isDelta = random.Next(10) == 0 ? variant != XdsVariant.Delta : variant == XdsVariant.Delta;
            var frame = isDelta ? Delta(random).ToByteArray() : Full(random).ToByteArray();
            if (random.Next(8) == 0)
            {
                random.NextBytes(frame.AsSpan(random.Next(frame.Length + 1)));
            }

            yield return frame;
        }
    }

    private DiscoveryRequest Full(Random random) => new()
    {
        Node = random.Next(4) > 0 ? new Node { Id = $"noise-{random.Next(3)}" } : null,
        TypeUrl = Types[random.Next(Types.Length)],
        ResourceNames = { Names(random) },
        ResponseNonce = Nonce(random),
        VersionInfo = Nonce(random),
        ErrorDetail = random.Next(4) == 0 ? new() { Code = random.Next(), Message = string.Concat(Names(random)) } : null,
    };

    private DeltaDiscoveryRequest Delta(Random random) => new()
    {
        Node = random.Next(4) > 0 ? new Node { Id = $"noise-{random.Next(3)}" } : null,
        TypeUrl = Types[random.Next(Types.Length)],
        ResourceNamesSubscribe = { Names(random) },
        ResourceNamesUnsubscribe = { Names(random) },
        InitialResourceVersions = { Names(random).Distinct().ToDictionary(name => name, _ => Nonce(random)) },
        ResponseNonce = Nonce(random),
        ErrorDetail = random.Next(4) == 0 ? new() { Code = random.Next(), Message = string.Concat(Names(random)) } : null,
    };

    private static List<string> Names(Random random)
        => Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(6) switch { 0 => "*", 1 => "", 2 => "witness", 3 => "xdstp://a/b?c=d", 4 => "a/b", _ => new string('n', random.Next(300)) }).ToList();

    private string Nonce(Random random)
    {
        lock (_nonces)
        {
            return _nonces[random.Next(_nonces.Count)];
        }
    }
}
