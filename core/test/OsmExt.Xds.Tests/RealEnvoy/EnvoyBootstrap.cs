using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Envoy.Config.Core.V3;
using Google.Protobuf;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Tests.RealEnvoy;

/// <summary>How an Envoy asks for its configuration.</summary>
internal enum Discovery
{
    /// <summary>Everything on one stream.</summary>
    Aggregated,

    /// <summary>Each type, and each set of endpoints or route configuration, on a stream of its own.</summary>
    Separate,

    /// <summary>On one stream, and only those clusters that requests are for.</summary>
    OnDemand,
}

internal static class EnvoyBootstrap
{
    /// <summary>What stands in resources for "ask on a stream of its own".</summary>
    public static ConfigSource SourceOf(XdsVariant variant) => new()
    {
        ResourceApiVersion = ApiVersion.V3,
        ApiConfigSource = new()
        {
            ApiType = variant == XdsVariant.Delta ? ApiConfigSource.Types.ApiType.DeltaGrpc : ApiConfigSource.Types.ApiType.Grpc,
            TransportApiVersion = ApiVersion.V3,
            GrpcServices = { new GrpcService { EnvoyGrpc = new() { ClusterName = "xds" } } },
        },
    };

    public static JsonNode For(Uri server, XdsVariant variant, string nodeId, string directory, Discovery discovery)
    {
        var bootstrap = Aggregated(server, variant, nodeId, directory);
        var dynamic = bootstrap["dynamic_resources"]!.AsObject();
        if (discovery is Discovery.OnDemand)
        {
            dynamic.Remove("cds_config");
        }
        else if (discovery is Discovery.Separate)
        {
            var source = JsonFormatter.Default.Format(SourceOf(variant));
            dynamic.Remove("ads_config");
            (dynamic["cds_config"], dynamic["lds_config"]) = (JsonNode.Parse(source), JsonNode.Parse(source));
        }

        return bootstrap;
    }

    private static JsonNode Aggregated(Uri server, XdsVariant variant, string nodeId, string directory) => JsonNode.Parse($$"""
        {
          "node": { "id": "{{nodeId}}", "cluster": "test" },
          "admin": { "address": { "socket_address": { "address": "127.0.0.1", "port_value": 0 } } },
          "dynamic_resources": {
            "ads_config": {
              "api_type": "{{(variant == XdsVariant.Delta ? "DELTA_GRPC" : "GRPC")}}",
              "transport_api_version": "V3",
              "grpc_services": [ { "envoy_grpc": { "cluster_name": "xds" } } ]
            },
            "cds_config": { "resource_api_version": "V3", "ads": {} },
            "lds_config": { "resource_api_version": "V3", "ads": {} }
          },
          "static_resources": {
            "clusters": [ {
              "name": "xds",
              "type": "STATIC",
              "connect_timeout": "2s",
              "typed_extension_protocol_options": {
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                  "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                  "explicit_http_config": { "http2_protocol_options": {} }
                }
              },
              "load_assignment": {
                "cluster_name": "xds",
                "endpoints": [ { "lb_endpoints": [ { "endpoint": { "address": {
                  "socket_address": { "address": "{{server.Host}}", "port_value": {{server.Port}} }
                } } } ] } ]
              },
              "transport_socket": {
                "name": "envoy.transport_sockets.tls",
                "typed_config": {
                  "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                  "common_tls_context": {
                    "tls_certificates": [ {
                      "certificate_chain": { "filename": "{{directory}}/client.crt" },
                      "private_key": { "filename": "{{directory}}/client.key" }
                    } ],
                    "validation_context": { "trusted_ca": { "filename": "{{directory}}/root.crt" } }
                  }
                }
              }
            } ]
          }
        }
        """)!;

    public static string GetECDsaPrivateKeyPem(this X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }
}
