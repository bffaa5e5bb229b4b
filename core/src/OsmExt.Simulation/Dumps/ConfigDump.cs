using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using OsmExt.Envoy;

namespace OsmExt.Simulation.Dumps;

/// <summary>
/// What a running Envoy's <c>/config_dump?include_eds</c> says it has: what is in force, neither what warms up nor what was refused. Secrets
/// are redacted in it, which does no harm, as only names in certificates are read.
/// </summary>
internal static class ConfigDump
{
    private const string EndpointsSection = "EndpointsConfigDump";

    // Where in a section of the dump the resources are: the list, the way to the resource in an entry, and its type.
    private static readonly (string Section, string List, string[] Way, System.Type Type)[] Places =
    [
        ("ListenersConfigDump", "static_listeners", ["listener"], typeof(Listener)),
        ("ListenersConfigDump", "dynamic_listeners", ["active_state", "listener"], typeof(Listener)),
        ("ClustersConfigDump", "static_clusters", ["cluster"], typeof(Cluster)),
        ("ClustersConfigDump", "dynamic_active_clusters", ["cluster"], typeof(Cluster)),
        ("RoutesConfigDump", "dynamic_route_configs", ["route_config"], typeof(RouteConfiguration)),
        (EndpointsSection, "dynamic_endpoint_configs", ["endpoint_config"], typeof(ClusterLoadAssignment)),
        ("SecretsConfigDump", "static_secrets", ["secret"], typeof(Secret)),
        ("SecretsConfigDump", "dynamic_active_secrets", ["secret"], typeof(Secret)),
    ];

    /// <param name="name">Whose proxy, as decisions say it.</param>
    /// <param name="json">The dump.</param>
    /// <exception cref="FormatException">It is no dump.</exception>
    public static ProxyConfiguration Read(string name, string json)
    {
        var sections = Sections(json);
        if (!sections.ContainsKey("ListenersConfigDump") && !sections.ContainsKey("ClustersConfigDump"))
        {
            throw new FormatException("it has neither listeners nor clusters; write what Envoy's /config_dump?include_eds answers");
        }

        var resources = new List<XdsResource>();
        var certificates = new HashSet<string>(StringComparer.Ordinal);
        var unread = ImmutableDictionary.CreateBuilder<(System.Type Type, string Name), string>();
        foreach (var (section, list, way, type) in Places)
        {
            foreach (var entry in sections.GetValueOrDefault(section)?[list] as JsonArray ?? [])
            {
                if (way.Aggregate(entry, (node, step) => node?[step]) is JsonObject found)
                {
                    Add(found, type, list.StartsWith("static", StringComparison.Ordinal));
                }
            }
        }

        // Envoy prints hosts that came by themselves with the others of their route configuration.
        var whole = SeparateHosts.Merge([.. resources.DistinctBy(resource => (resource.Message.GetType(), resource.Name))]);
        return new(name, whole, OwnCertificate.Of(resources, certificates))
        {
            Release = ReleaseOf(sections.GetValueOrDefault("BootstrapConfigDump")),
            Unread = unread.ToImmutable(),
            WithoutEndpoints = sections.ContainsKey(EndpointsSection) ? "" : "the dump was taken without ?include_eds",
        };

        void Add(JsonObject found, System.Type type, bool isStatic)
        {
            var called = (string?)found["name"] ?? (string?)found["cluster_name"] ?? "";
            try
            {
                var descriptor = EnvoyTypes.FindByTypeUrl((string?)found["@type"] ?? "") ?? throw new FormatException($"type {found["@type"]} is not known");
                found.Remove("@type");
                var message = new JsonParser(JsonParser.Settings.Default.WithTypeRegistry(EnvoyTypes.Registry)).Parse(found.ToJsonString(), descriptor);
                if (message is Secret { TlsCertificate: { } own } && !OwnCertificate.IsPem(own))
                {
                    throw new FormatException("its certificate is not in the dump");
                }

                resources.Add(XdsResource.Create(message, called));
                certificates.UnionWith(isStatic ? [] : SecretReferences.Certificates(message));
            }
            catch (Exception failure) when (failure is InvalidProtocolBufferException or InvalidOperationException or FormatException or JsonException)
            {
                unread[(type, called)] = failure.Message;
            }
        }
    }

    private static Dictionary<string, JsonNode?> Sections(string json)
    {
        try
        {
            var configs = JsonNode.Parse(json)?["configs"] as JsonArray ?? throw new FormatException("it has no \"configs\"; write what Envoy's /config_dump?include_eds answers");
            return configs.GroupBy(section => ((string?)section?["@type"] ?? "").Split('.')[^1], StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw new FormatException($"it is no JSON: {failure.Message}", failure);
        }
    }

    private static EnvoyRelease ReleaseOf(JsonNode? bootstrap)
        => bootstrap?["bootstrap"]?["node"]?["user_agent_build_version"]?["version"]?["minor_number"] is JsonValue minor
            && int.TryParse(minor.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new(number) : EnvoyRelease.Newest;
}
