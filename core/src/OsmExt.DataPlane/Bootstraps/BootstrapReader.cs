using System.Net;
using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Extensions.ResourceMonitors.DownstreamConnections.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.DataPlane.Checks;
using OsmExt.Envoy;
using UpstreamHttp = Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions;

namespace OsmExt.DataPlane.Bootstraps;

/// <summary>
/// Reads an Envoy bootstrap, as <c>osm bootstrap</c> prints it. What it asks for and is not understood is an error, as it is with resources.
/// </summary>
internal static class BootstrapReader
{
    private const string RegexLimit = "re2.max_program_size.error_level";

    /// <param name="text">YAML or JSON.</param>
    /// <returns>The bootstrap; or null, with everything that is wrong with it.</returns>
    public static (SidecarBootstrap? Bootstrap, IReadOnlyList<string> Problems) Read(string text)
    {
        var read = EnvoyReader.Read(text, Bootstrap.Descriptor);
        if (read.Message is not Bootstrap bootstrap)
        {
            return (null, [.. read.Problems.Select(problem => problem.ToString())]);
        }

        // A bootstrap is not kept waiting for its secrets: they are looked at when the control plane is dialled.
        var problems = EnvoyRules.Check(bootstrap).Concat(BootstrapFields.Table.Check(bootstrap, _ => [])).Select(violation => violation.ToString()).ToList();
        var address = problems.Count == 0 ? ControlPlane(bootstrap, problems) : null;
        if (problems.Count == 0 && bootstrap.Node?.Id is not { Length: > 0 })
        {
            problems.Add("node.id: is missing; it must be the one its certificate was issued for");
        }

        problems.AddRange(UnknownRuntimeKeys(bootstrap));
        var admin = problems.Count == 0 ? Admin(bootstrap, problems) : null;
        return address is null || problems.Count > 0 ? (null, problems) : (new(bootstrap, bootstrap.Node!, address)
        {
            Admin = admin,
            MaxRegexProgram = Runtime(bootstrap, RegexLimit) is { } most ? (int)most : Re2.DefaultProgramSize,
            MaxConnections = bootstrap.OverloadManager?.ResourceMonitors.Select(monitor => EnvoyTypes.Unpack(monitor.TypedConfig))
                .OfType<DownstreamConnectionsConfig>().FirstOrDefault()?.MaxActiveDownstreamConnections,
        }, []);
    }

    private static IPEndPoint? Admin(Bootstrap bootstrap, List<string> problems)
    {
        if (bootstrap.Admin?.Address?.SocketAddress is not { } socket)
        {
            return null;
        }

        if (IPAddress.TryParse(socket.Address, out var address))
        {
            return new(address, (int)socket.PortValue);
        }

        problems.Add($"admin.address.socket_address.address: {socket.Address} is no IP address");
        return null;
    }

    // A key changes how an Envoy behaves; one that nothing is known of may be what keeps somebody out.
    private static IEnumerable<string> UnknownRuntimeKeys(Bootstrap bootstrap)
        => bootstrap.LayeredRuntime?.Layers.SelectMany((layer, index) => (layer.StaticLayer?.Fields.Keys ?? []).Where(key => key != RegexLimit)
            .Select(key => $"layered_runtime.layers[{index}].static_layer: the runtime key {key} is not carried out here")) ?? [];

    private static double? Runtime(Bootstrap bootstrap, string key)
        => bootstrap.LayeredRuntime?.Layers.Select(layer => layer.StaticLayer?.Fields.GetValueOrDefault(key))
            .LastOrDefault(value => value?.KindCase == Value.KindOneofCase.NumberValue)?.NumberValue;

    private static ControlPlaneAddress? ControlPlane(Bootstrap bootstrap, List<string> problems)
    {
        const string Place = "dynamic_resources.ads_config";
        var dynamic = bootstrap.DynamicResources;
        if (dynamic?.AdsConfig is not { ApiType: ApiConfigSource.Types.ApiType.DeltaGrpc, GrpcServices: [{ EnvoyGrpc: { } service }] } source)
        {
            problems.Add($"{Place}: must be api_type DELTA_GRPC with one envoy_grpc service");
            return null;
        }

        foreach (var (field, config) in new[] { ("cds_config", dynamic.CdsConfig), ("lds_config", dynamic.LdsConfig) })
        {
            if (config?.ConfigSourceSpecifierCase != ConfigSource.ConfigSourceSpecifierOneofCase.Ads)
            {
                problems.Add($"dynamic_resources.{field}: must be ads");
            }
        }

        var clusters = bootstrap.StaticResources?.Clusters.ToArray() ?? [];
        problems.AddRange(clusters.Select((cluster, index) => (cluster, index)).Where(entry => entry.cluster.Name != service.ClusterName)
            .Select(entry => $"static_resources.clusters[{entry.index}]: only the cluster of ads_config may be static; {entry.cluster.Name} is not it"));
        if (clusters.FirstOrDefault(cluster => cluster.Name == service.ClusterName) is not { } cluster)
        {
            problems.Add($"{Place}.grpc_services[0].envoy_grpc.cluster_name: static_resources has no cluster {service.ClusterName}");
            return null;
        }

        if (cluster.LoadAssignment?.Endpoints is not [{ LbEndpoints: [{ Endpoint.Address.SocketAddress: { } socket }] }])
        {
            problems.Add($"static_resources.clusters[0].load_assignment: must have exactly one endpoint");
            return null;
        }

        var backoff = service.RetryPolicy?.RetryBackOff;
        var shortest = backoff?.BaseInterval?.ToTimeSpan() ?? TimeSpan.FromMilliseconds(500);
        return new(cluster.Name, socket.Address, (int)socket.PortValue)
        {
            Tls = cluster.TransportSocket is null ? null : Tls(cluster, problems),
            ConnectTimeout = cluster.ConnectTimeout?.ToTimeSpan() ?? TimeSpan.FromSeconds(5),
            KeepAlive = KeepAlive(cluster),
            Reconnect = (shortest, backoff is null ? TimeSpan.FromSeconds(30) : backoff.MaxInterval?.ToTimeSpan() ?? shortest * 10),
        };
    }

    private static (TimeSpan, TimeSpan)? KeepAlive(Cluster cluster)
        => cluster.TypedExtensionProtocolOptions.Values.Select(EnvoyTypes.Unpack).OfType<UpstreamHttp>().FirstOrDefault()
            ?.ExplicitHttpConfig?.Http2ProtocolOptions?.ConnectionKeepalive is { Interval: { } interval } settings
            ? (interval.ToTimeSpan(), settings.Timeout?.ToTimeSpan() ?? TimeSpan.FromSeconds(20)) : null;

    private static ControlPlaneTls? Tls(Cluster cluster, List<string> problems)
    {
        const string Place = "static_resources.clusters[0].transport_socket.typed_config";
        if (EnvoyTypes.Unpack(cluster.TransportSocket.TypedConfig) is not UpstreamTlsContext { CommonTlsContext: { } common } context)
        {
            problems.Add($"{Place}: must be an UpstreamTlsContext with common_tls_context");
            return null;
        }

        SecretSource? certificate = (common.TlsCertificates, common.TlsCertificateSdsSecretConfigs) switch
        {
            ([var own], []) => SecretSource.Of(new() { Name = "xds-certificate", TlsCertificate = own }),
            ([], [var reference]) => Follow(reference, $"{Place}.common_tls_context.tls_certificate_sds_secret_configs[0]", problems),
            ([], []) => null,
            _ => Refuse($"{Place}.common_tls_context: must have one certificate", problems),
        };
        var trust = common.ValidationContextTypeCase switch
        {
            CommonTlsContext.ValidationContextTypeOneofCase.ValidationContext => SecretSource.Of(new() { Name = "xds-trust", ValidationContext = common.ValidationContext }),
            CommonTlsContext.ValidationContextTypeOneofCase.ValidationContextSdsSecretConfig
                => Follow(common.ValidationContextSdsSecretConfig, $"{Place}.common_tls_context.validation_context_sds_secret_config", problems),
            _ => Refuse($"{Place}.common_tls_context: must have a validation context; a control plane that anybody may be is no control plane", problems),
        };
        return trust is null ? null : new(context.Sni, certificate, trust);
    }

    private static SecretSource? Follow(SdsSecretConfig reference, string place, List<string> problems)
        => reference.SdsConfig?.PathConfigSource?.Path is { Length: > 0 } path ? SecretSource.At(path, reference.Name)
            : Refuse($"{place}.sds_config: must be a path_config_source; secrets for the control plane cannot come from the control plane", problems);

    private static SecretSource? Refuse(string problem, List<string> problems)
    {
        problems.Add(problem);
        return null;
    }
}
