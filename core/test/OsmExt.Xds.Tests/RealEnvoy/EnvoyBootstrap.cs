using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Tests.RealEnvoy;

internal static class EnvoyBootstrap
{
    public static JsonNode For(Uri server, XdsVariant variant, string nodeId, string directory) => JsonNode.Parse($$"""
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
