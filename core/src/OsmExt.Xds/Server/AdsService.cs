using Envoy.Service.Discovery.V3;
using Grpc.Core;
using Microsoft.Extensions.Options;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Server;

/// <summary>The discovery services in both variants, aggregated and separate, and that of clients' status, as gRPC wants to have them described.</summary>
internal sealed class AdsService(AdsServer server, ClientStatusService status, IOptions<XdsServerOptions> options)
{
    public ServerServiceDefinition Define()
    {
        var encoding = new ResponseEncoding(options.Value.ControlPlaneIdentifier);
        var definition = ServerServiceDefinition.CreateBuilder();
        foreach (var service in DiscoveryService.All)
        {
            definition.AddMethod(AdsMethods.Delta(service, encoding), (requests, responses, context) => server.RunAsync(
                service, XdsVariant.Delta, new RequestReader<DeltaDiscoveryRequest>(requests, r => new(r.Node, service.Typed(TypeRequest.From(r)), r.CalculateSize())), responses, context));
            if (service.HasStateOfTheWorld)
            {
                definition.AddMethod(AdsMethods.StateOfTheWorld(service, encoding), (requests, responses, context) => server.RunAsync(
                    service, XdsVariant.StateOfTheWorld, new RequestReader<DiscoveryRequest>(requests, r => new(r.Node, service.Typed(TypeRequest.From(r)), r.CalculateSize())), responses, context));
            }

            if (service.HasFetch)
            {
                definition.AddMethod(AdsMethods.Fetch(service, encoding), Refuse);
            }
        }

        ClientStatusMethods.AddTo(definition, status);
        return definition.Build();
    }

    private static Task<XdsResponse> Refuse(DiscoveryService service, ServerCallContext context) => throw new RpcException(new Status(
        StatusCode.Unimplemented,
        $"configuration is not given out in single answers: open a stream with {service.MethodOf(XdsVariant.Delta)} or {service.MethodOf(XdsVariant.StateOfTheWorld)}"));
}
