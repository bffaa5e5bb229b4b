using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace OsmExt.E2E.Goldens;

/// <summary>
/// A proxy's translated configuration as one static file, so that Envoy can judge all of it without a control plane: what would
/// come by name over the stream is put where its name stands, and redacted secrets are replaced by real ones.
/// </summary>
internal static class StaticBootstrap
{
    private static readonly Lazy<(string Certificate, string Key)> Credentials = new(MakeCredentials);

    public static JsonObject Of(JsonObject proxy)
    {
        var routes = ByName(proxy["routes"]!, "name");
        var endpoints = ByName(proxy["endpoints"]!, "cluster_name");
        var (listeners, clusters, secrets) = (proxy["listeners"]!.DeepClone(), proxy["clusters"]!.DeepClone(), proxy["secrets"]!.DeepClone());
        Walk(listeners, part => Settle(part, routes, endpoints));
        Walk(clusters, part => Settle(part, routes, endpoints));
        foreach (var secret in secrets.AsArray())
        {
            Reveal(secret!.AsObject());
        }

        var bootstrap = JsonNode.Parse("""
            {
              "node": {"id": "golden", "cluster": "golden"},
              "layered_runtime": {"layers": [{"name": "osm", "static_layer": {"re2.max_program_size.error_level": 32768}}]},
              "overload_manager": {"resource_monitors": [{
                "name": "envoy.resource_monitors.global_downstream_max_connections",
                "typed_config": {
                  "@type": "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
                  "max_active_downstream_connections": 1000
                }
              }]}
            }
            """)!.AsObject();
        bootstrap["static_resources"] = new JsonObject { ["listeners"] = listeners, ["clusters"] = clusters, ["secrets"] = secrets };
        Add(bootstrap, proxy["bootstrap"]?.AsObject() ?? []);
        return bootstrap;
    }

    // What plugins add to what a proxy starts with: lists grow, as they do in a proxy of the mesh.
    private static void Add(JsonObject whole, JsonObject added)
    {
        foreach (var (field, value) in added)
        {
            if (whole[field] is JsonObject inner && value is JsonObject more)
            {
                Add(inner, more);
            }
            else if (whole[field] is JsonArray list && value is JsonArray entries)
            {
                foreach (var entry in entries)
                {
                    list.Add(entry!.DeepClone());
                }
            }
            else
            {
                whole[field] = value!.DeepClone();
            }
        }
    }

    private static Dictionary<string, JsonNode> ByName(JsonNode list, string field)
        => list.AsArray().ToDictionary(entry => (string)entry![field]!, entry => entry!, StringComparer.Ordinal);

    private static void Settle(JsonObject part, Dictionary<string, JsonNode> routes, Dictionary<string, JsonNode> endpoints)
    {
        if (part["rds"] is { } rds)
        {
            part.Remove("rds");
            part["route_config"] = routes[(string)rds["route_config_name"]!].DeepClone();
        }

        if (part["type"].AsText() == "EDS")
        {
            part["type"] = "STATIC";
            var service = (string?)part["eds_cluster_config"]!["service_name"] ?? (string)part["name"]!;
            part.Remove("eds_cluster_config");
            part["load_assignment"] = endpoints[service].DeepClone();
        }

        // A secret's name without a source means one of the bootstrap's own.
        part["validation_context_sds_secret_config"]?.AsObject().Remove("sds_config");
        if (part["name"].AsText()?.StartsWith("secret:", StringComparison.Ordinal) == true)
        {
            part.Remove("sds_config");
        }

        foreach (var certificate in part["tls_certificate_sds_secret_configs"]?.AsArray() ?? [])
        {
            certificate!.AsObject().Remove("sds_config");
        }
    }

    private static string? AsText(this JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static void Reveal(JsonObject secret)
    {
        if (secret.ContainsKey("tls_certificate"))
        {
            secret["tls_certificate"] = new JsonObject
            {
                ["certificate_chain"] = new JsonObject { ["inline_string"] = Credentials.Value.Certificate },
                ["private_key"] = new JsonObject { ["inline_string"] = Credentials.Value.Key },
            };
        }
        else if (secret.ContainsKey("generic_secret"))
        {
            secret["generic_secret"] = new JsonObject { ["secret"] = new JsonObject { ["inline_string"] = "golden" } };
        }
        else
        {
            secret["validation_context"]!["trusted_ca"] = new JsonObject { ["inline_string"] = Credentials.Value.Certificate };
        }
    }

    private static void Walk(JsonNode? node, Action<JsonObject> visit)
    {
        if (node is JsonObject part)
        {
            visit(part);
            foreach (var (_, child) in part.ToArray())
            {
                Walk(child, visit);
            }
        }
        else if (node is JsonArray list)
        {
            foreach (var child in list)
            {
                Walk(child, visit);
            }
        }
    }

    private static (string Certificate, string Key) MakeCredentials()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("O=golden", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri("spiffe://cluster.local/golden/golden"));
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
