using Envoy.Service.Status.V3;
using Google.Protobuf;
using Grpc.Core;

namespace OsmExt.Xds.Server;

/// <summary>The methods of the client status discovery service.</summary>
internal static class ClientStatusMethods
{
    private const string Service = "envoy.service.status.v3.ClientStatusDiscoveryService";

    private static readonly Method<ClientStatusRequest, ClientStatusResponse> Fetch = Of(MethodType.Unary, "FetchClientStatus");
    private static readonly Method<ClientStatusRequest, ClientStatusResponse> Stream = Of(MethodType.DuplexStreaming, "StreamClientStatus");

    public static void AddTo(ServerServiceDefinition.Builder definition, ClientStatusService service)
        => definition.AddMethod(Fetch, service.FetchClientStatus).AddMethod(Stream, service.StreamClientStatus);

    private static Method<ClientStatusRequest, ClientStatusResponse> Of(MethodType type, string name)
        => new(type, Service, name, Message(ClientStatusRequest.Parser), Message(ClientStatusResponse.Parser));

    private static Marshaller<T> Message<T>(MessageParser<T> parser)
        where T : IMessage<T>
        => Marshallers.Create(static message => message.ToByteArray(), bytes => Read(parser, bytes));

    private static T Read<T>(MessageParser<T> parser, byte[] bytes)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "the request is not a valid request for clients' status"));
        }
    }
}
