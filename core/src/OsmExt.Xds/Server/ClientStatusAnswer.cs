using Envoy.Service.Status.V3;
using Envoy.Type.Matcher.V3;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OsmExt.Envoy;
using OsmExt.Xds.Observability;
using static Envoy.Type.Matcher.V3.StringMatcher;

namespace OsmExt.Xds.Server;

/// <summary>What is asked of the client status discovery service, and the answer to it.</summary>
internal static class ClientStatusAnswer
{
    /// <summary>Where the proxy's id stands in the metadata of a node.</summary>
    public const string ProxyKey = "proxy";

    /// <summary>About 20 MB on the wire. Beyond, whoever asks has to say which proxies it means.</summary>
    public const int MaxResources = 200_000;

    /// <summary>Contents are many times that.</summary>
    public const int MaxContents = 20_000;

    private static readonly Dictionary<ResourceState, ConfigStatus> States = new()
    {
        [ResourceState.Synced] = ConfigStatus.Synced,
        [ResourceState.NotSent] = ConfigStatus.NotSent,
        [ResourceState.Stale] = ConfigStatus.Stale,
        [ResourceState.Error] = ConfigStatus.Error,
    };

    public static (Func<ClientStatus, bool> Matches, bool WithContent) Asked(ClientStatusRequest request)
    {
        foreach (var matcher in request.NodeMatchers)
        {
            if (matcher.NodeMetadatas.Count > 0 || matcher.NodeId is null || !IsPlain(matcher.NodeId))
            {
                throw new RpcException(new Status(
                    StatusCode.InvalidArgument, "node_matchers take node_id, with exact, prefix, suffix or contains: a node's id, or the proxy's as NAMESPACE/POD"));
            }
        }

        // Everybody's contents at once would be the mesh many times over.
        return (client => request.NodeMatchers.Count == 0 || request.NodeMatchers.Any(m => IsMatch(m.NodeId, client.NodeId) || IsMatch(m.NodeId, client.ProxyId)),
            request.NodeMatchers.Count > 0 && !request.ExcludeResourceContents);
    }

    /// <summary>A client for each aggregated stream; separate streams of one node are one client together.</summary>
    public static ClientStatusResponse Of(IEnumerable<ClientStatus> clients, bool withContent)
    {
        var response = new ClientStatusResponse();
        var separate = new Dictionary<string, ClientConfig>(StringComparer.Ordinal);
        var left = withContent ? MaxContents : MaxResources;
        foreach (var client in clients)
        {
            left -= client.Resources.Count;
            if (left < 0)
            {
                throw new RpcException(new Status(StatusCode.ResourceExhausted, "that is too much for one answer; say with node_matchers which proxies are meant, or exclude_resource_contents"));
            }

            var config = separate.GetValueOrDefault(client.OnlyType is null ? "" : client.NodeId);
            if (config is null)
            {
                response.Config.Add(config = new() { Node = NodeOf(client) });
                _ = client.OnlyType is null || separate.TryAdd(client.NodeId, config);
            }

            config.GenericXdsConfigs.AddRange(client.Resources.Select(resource => Of(resource, withContent)));
        }

        return response;
    }

    private static global::Envoy.Config.Core.V3.Node NodeOf(ClientStatus client) => new()
    {
        Id = client.NodeId,
        UserAgentName = client.NodeVersion,
        Metadata = new() { Fields = { [ProxyKey] = Value.ForString(client.ProxyId) } },
    };

    private static ClientConfig.Types.GenericXdsConfig Of(ResourceStatus resource, bool withContent)
    {
        var config = new ClientConfig.Types.GenericXdsConfig
        {
            TypeUrl = resource.TypeUrl,
            Name = resource.Name,
            VersionInfo = resource.Acknowledged ?? "",
            ConfigStatus = States[resource.State],
        };
        if (resource.Rejection is { } rejection)
        {
            config.ErrorState = new() { Details = rejection.Message, VersionInfo = rejection.Version, LastUpdateAttempt = Timestamp.FromDateTimeOffset(rejection.Time) };
        }

        // Secrets are not even shown redacted.
        if (withContent && resource.Newest is { TypeUrl: not TypeUrls.Secret } newest)
        {
            config.XdsConfig = Any.Pack(Redaction.Of(newest.Message));
        }

        return config;
    }

    private static bool IsPlain(StringMatcher matcher) => matcher.MatchPatternCase
        is MatchPatternOneofCase.Exact or MatchPatternOneofCase.Prefix or MatchPatternOneofCase.Suffix or MatchPatternOneofCase.Contains;

    private static bool IsMatch(StringMatcher matcher, string text)
    {
        var comparison = matcher.IgnoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return matcher.MatchPatternCase switch
        {
            MatchPatternOneofCase.Exact => string.Equals(text, matcher.Exact, comparison),
            MatchPatternOneofCase.Prefix => text.StartsWith(matcher.Prefix, comparison),
            MatchPatternOneofCase.Suffix => text.EndsWith(matcher.Suffix, comparison),
            MatchPatternOneofCase.Contains => text.Contains(matcher.Contains, comparison),
            _ => false,
        };
    }
}
