using System.Buffers;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Grpc.Core;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Server;

/// <summary>
/// The two methods of <c>AggregatedDiscoveryService</c>, with requests as generated messages and responses as
/// <see cref="XdsResponse"/>, whose bytes exist already.
/// </summary>
internal static class AdsMethods
{
    public const string Service = "envoy.service.discovery.v3.AggregatedDiscoveryService";

    public static Method<DiscoveryRequest, XdsResponse> StateOfTheWorld(ResponseEncoding encoding)
        => Duplex("StreamAggregatedResources", DiscoveryRequest.Parser, encoding);

    public static Method<DeltaDiscoveryRequest, XdsResponse> Delta(ResponseEncoding encoding)
        => Duplex("DeltaAggregatedResources", DeltaDiscoveryRequest.Parser, encoding);

    private static Method<TRequest, XdsResponse> Duplex<TRequest>(string name, MessageParser<TRequest> parser, ResponseEncoding encoding)
        where TRequest : IMessage<TRequest>
        => new(
            MethodType.DuplexStreaming,
            Service,
            name,
            Marshallers.Create<TRequest>(static (_, _) => throw new NotSupportedException(), context => Parse(parser, context.PayloadAsReadOnlySequence())),
            Marshallers.Create<XdsResponse>(encoding.Write, static _ => throw new NotSupportedException()));

    private static TRequest Parse<TRequest>(MessageParser<TRequest> parser, ReadOnlySequence<byte> payload)
        where TRequest : IMessage<TRequest>
    {
        try
        {
            return parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "the request is not a valid discovery request"));
        }
    }
}
