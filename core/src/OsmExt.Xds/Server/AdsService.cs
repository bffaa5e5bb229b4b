using Envoy.Service.Discovery.V3;
using Grpc.Core;
using Microsoft.Extensions.Options;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Server;

/// <summary>The aggregated discovery service in both variants, as gRPC wants to have it described.</summary>
internal sealed class AdsService(AdsServer server, IOptions<XdsServerOptions> options)
{
    public ServerServiceDefinition Define()
    {
        var encoding = new ResponseEncoding(options.Value.ControlPlaneIdentifier);
        return ServerServiceDefinition.CreateBuilder()
            .AddMethod(AdsMethods.StateOfTheWorld(encoding), (requests, responses, context) => server.RunAsync(
                XdsVariant.StateOfTheWorld, new RequestReader<DiscoveryRequest>(requests, static r => new(r.Node, TypeRequest.From(r))), responses, context))
            .AddMethod(AdsMethods.Delta(encoding), (requests, responses, context) => server.RunAsync(
                XdsVariant.Delta, new RequestReader<DeltaDiscoveryRequest>(requests, static r => new(r.Node, TypeRequest.From(r))), responses, context))
            .Build();
    }
}
