using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using OsmExt.Compiler;
using OsmExt.Envoy;
using OsmExt.Sdk.Resources;
using Secret = Envoy.Extensions.TransportSockets.Tls.V3.Secret;

namespace OsmExt.Cli.Tests.Simulation;

/// <summary>What the Envoy of a pod would answer to /config_dump?include_eds.</summary>
internal static class TestDump
{
    public static JsonObject Of(ResourceSnapshot snapshot, string pod)
    {
        var mesh = OfflineMesh.Compile(snapshot, new());
        var proxy = mesh.Proxies.All.Single(proxy => $"{proxy.Pod.Namespace}/{proxy.Pod.Name}" == pod);
        var resources = mesh.Translate(proxy).Resources;
        foreach (var secret in resources.Select(resource => resource.Message).OfType<Secret>().Where(secret => secret.TlsCertificate is not null))
        {
            secret.TlsCertificate.CertificateChain = new() { InlineString = Certificate(proxy.Identity.Workload.SpiffeId) };
        }

        return new()
        {
            ["configs"] = new JsonArray(
                Section("ListenersConfigDump", "dynamic_listeners", "Listener", found => new() { ["active_state"] = new JsonObject { ["listener"] = found } }),
                Section("ClustersConfigDump", "dynamic_active_clusters", "Cluster", found => new() { ["cluster"] = found }),
                Section("RoutesConfigDump", "dynamic_route_configs", "RouteConfiguration", found => new() { ["route_config"] = found }),
                Section("EndpointsConfigDump", "dynamic_endpoint_configs", "ClusterLoadAssignment", found => new() { ["endpoint_config"] = found }),
                Section("SecretsConfigDump", "dynamic_active_secrets", "Secret", found => new() { ["secret"] = found })),
        };

        JsonObject Section(string section, string list, string type, Func<JsonObject, JsonObject> wrap) => new()
        {
            ["@type"] = $"type.googleapis.com/envoy.admin.v3.{section}",
            [list] = new JsonArray([.. resources.Where(resource => resource.Message.Descriptor.Name == type).Select(resource =>
            {
                var json = EnvoyJson.ToNode(Redaction.Of(resource.Message))!.AsObject();
                json.Insert(0, "@type", resource.TypeUrl);
                return wrap(json);
            })]),
        };
    }

    private static string Certificate(string spiffeId)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(spiffeId));
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256) { CertificateExtensions = { names.Build() } };
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
        return made.ExportCertificatePem();
    }
}
