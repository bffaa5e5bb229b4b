using System.Buffers;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Grpc.Core;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Server;

/// <summary>
/// The methods of a <see cref="DiscoveryService"/>, with requests as generated messages and responses as
/// <see cref="XdsResponse"/>, whose bytes exist already.
/// </summary>
internal static class AdsMethods
{
    public static Method<DiscoveryRequest, XdsResponse> StateOfTheWorld(DiscoveryService service, ResponseEncoding encoding)
        => Duplex(service, XdsVariant.StateOfTheWorld, DiscoveryRequest.Parser, encoding);

    public static Method<DeltaDiscoveryRequest, XdsResponse> Delta(DiscoveryService service, ResponseEncoding encoding)
        => Duplex(service, XdsVariant.Delta, DeltaDiscoveryRequest.Parser, encoding);

    /// <summary>Asking once. What is asked is not even read.</summary>
    public static Method<DiscoveryService, XdsResponse> Fetch(DiscoveryService service, ResponseEncoding encoding)
        => new(
            MethodType.Unary,
            service.Name,
            "Fetch" + service.Resources,
            Marshallers.Create<DiscoveryService>(static (_, _) => throw new NotSupportedException(), _ => service),
            Answer(encoding));

    private static Method<TRequest, XdsResponse> Duplex<TRequest>(
        DiscoveryService service, XdsVariant variant, MessageParser<TRequest> parser, ResponseEncoding encoding)
        where TRequest : IMessage<TRequest>
        => new(
            MethodType.DuplexStreaming,
            service.Name,
            service.MethodOf(variant),
            Marshallers.Create<TRequest>(static (_, _) => throw new NotSupportedException(), context => Parse(parser, context.PayloadAsReadOnlySequence())),
            Answer(encoding));

    private static Marshaller<XdsResponse> Answer(ResponseEncoding encoding)
        => Marshallers.Create<XdsResponse>(encoding.Write, static _ => throw new NotSupportedException());

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
