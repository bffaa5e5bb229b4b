using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OsmExt.DataPlane.Observation.Formats;

/// <summary>A command operator of Envoy's formats, such as <c>%REQ(:METHOD)%</c>: what it makes of a request; null when there is nothing to say.</summary>
internal delegate JsonNode? Command(StreamRecord stream, FormatContext context);

/// <summary>The command operators that are carried out.</summary>
internal static class Commands
{
    private static readonly Dictionary<string, Command> Plain = new(StringComparer.Ordinal)
    {
        ["PROTOCOL"] = (stream, _) => Text(stream.Protocol),
        ["RESPONSE_CODE"] = (stream, _) => JsonValue.Create(stream.ResponseCode ?? 0),
        ["RESPONSE_CODE_DETAILS"] = (stream, _) => Text(stream.ResponseCodeDetails.Replace(' ', '_')),
        ["RESPONSE_FLAGS"] = (stream, _) => Text(string.Join(',', stream.ResponseFlags)),
        ["BYTES_RECEIVED"] = (stream, _) => JsonValue.Create(stream.BytesReceived),
        ["BYTES_SENT"] = (stream, _) => JsonValue.Create(stream.BytesSent),
        ["DURATION"] = (stream, _) => JsonValue.Create((long)stream.Duration.TotalMilliseconds),
        ["RESPONSE_DURATION"] = (stream, _) => stream.ResponseDuration is { } first ? JsonValue.Create((long)first.TotalMilliseconds) : null,
        ["UPSTREAM_HOST"] = (stream, _) => Text(stream.UpstreamHost),
        ["UPSTREAM_REMOTE_ADDRESS"] = (stream, _) => Text(stream.UpstreamHost),
        ["UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT"] = (stream, _) => Text(Address(stream.UpstreamHost)),
        ["UPSTREAM_REMOTE_PORT"] = (stream, _) => Port(stream.UpstreamHost),
        ["UPSTREAM_CLUSTER"] = (stream, context) => Text(context.Clusters.Of(stream.UpstreamCluster)),
        ["UPSTREAM_CLUSTER_RAW"] = (stream, _) => Text(stream.UpstreamCluster),
        ["UPSTREAM_REQUEST_ATTEMPT_COUNT"] = (stream, _) => JsonValue.Create(stream.UpstreamAttempts),
        ["UPSTREAM_TRANSPORT_FAILURE_REASON"] = (stream, _) => Text(stream.UpstreamTransportFailureReason),
        ["ROUTE_NAME"] = (stream, _) => Text(stream.RouteName),
        ["FILTER_CHAIN_NAME"] = (stream, _) => Text(stream.FilterChain),
        ["REQUESTED_SERVER_NAME"] = (stream, _) => Text(stream.RequestedServerName),
        ["DOWNSTREAM_REMOTE_ADDRESS"] = (stream, _) => Text(stream.DownstreamRemote),
        ["DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT"] = (stream, _) => Text(Address(stream.DownstreamRemote)),
        ["DOWNSTREAM_REMOTE_PORT"] = (stream, _) => Port(stream.DownstreamRemote),
        ["DOWNSTREAM_DIRECT_REMOTE_ADDRESS"] = (stream, _) => Text(stream.DownstreamRemote),
        ["DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT"] = (stream, _) => Text(Address(stream.DownstreamRemote)),
        ["DOWNSTREAM_LOCAL_ADDRESS"] = (stream, _) => Text(stream.DownstreamLocal),
        ["DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT"] = (stream, _) => Text(Address(stream.DownstreamLocal)),
        ["DOWNSTREAM_LOCAL_PORT"] = (stream, _) => Port(stream.DownstreamLocal),
        ["DOWNSTREAM_PEER_URI_SAN"] = (stream, _) => Text(string.Join(',', stream.DownstreamPeerUris)),
        ["HOSTNAME"] = (_, context) => Text(context.Hostname),
        ["PATH"] = (stream, _) => Text(stream.Path),
        ["START_TIME"] = (stream, _) => TimeFormat.Standard.Print(stream.Began),
        ["EMIT_TIME"] = (_, context) => TimeFormat.Standard.Print(context.Time.GetUtcNow()),
    };

    /// <summary>The command of a name and its argument.</summary>
    /// <exception cref="FormatException">It is not carried out, or makes no sense.</exception>
    public static Command Of(string name, string? argument, int? limit)
    {
        var command = argument is null ? Plain.GetValueOrDefault(name) : OfArgument(name, argument);
        if (command is null)
        {
            throw new FormatException($"%{name}{(argument is null ? "" : $"({argument})")}% is not carried out here");
        }

        return limit is not { } most ? command : (stream, context) =>
        {
            var said = command(stream, context);
            return said is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is var text && text.Length > most ? text[..most] : said;
        };
    }

    private static Command? OfArgument(string name, string argument) => name switch
    {
        "REQ" => OfHeader(argument, (stream, header) => Request(stream, header)),
        "REQ_WITHOUT_QUERY" => OfHeader(argument, (stream, header) => Request(stream, header)?.Split('?')[0]),
        "RESP" => OfHeader(argument, (stream, header) => stream.ResponseHeader(header)),
        "TRAILER" => OfHeader(argument, (stream, header) => stream.ResponseTrailer(header)),
        "START_TIME" => TimeFormat.Parse(argument) is var format ? (stream, _) => format.Print(stream.Began) : null,
        "EMIT_TIME" => TimeFormat.Parse(argument) is var format ? (_, context) => format.Print(context.Time.GetUtcNow()) : null,
        "ENVIRONMENT" => (_, context) => Text(context.Environment.GetValueOrDefault(argument, "")),
        "QUERY_PARAM" => (stream, _) => Text(Query(stream.Path, argument)),
        "UPSTREAM_METADATA" => MetadataPath.Parse(argument).Of(stream => stream.UpstreamMetadata),
        "CLUSTER_METADATA" => MetadataPath.Parse(argument).Of(stream => stream.UpstreamClusterMetadata),
        "METADATA" => argument.Split(':', 2) is [var kind, var path] ? MetadataPath.Parse(path).Of(MetadataOf(kind)) : null,
        "COALESCE" => Coalesce(argument),
        _ => null,
    };

    private static Func<StreamRecord, global::Envoy.Config.Core.V3.Metadata?> MetadataOf(string kind) => kind switch
    {
        "UPSTREAM_HOST" => stream => stream.UpstreamMetadata,
        "CLUSTER" => stream => stream.UpstreamClusterMetadata,
        "ROUTE" => stream => stream.RouteMetadata,
        "VIRTUAL_HOST" => stream => stream.VirtualHostMetadata,
        "LISTENER_FILTER_CHAIN" => stream => stream.FilterChainMetadata,
        _ => throw new FormatException($"metadata of {kind} is not carried out here"),
    };

    // The first operator that has something to say.
    private static Command Coalesce(string argument)
    {
        try
        {
            var operators = (JsonNode.Parse(argument)?["operators"] as JsonArray ?? throw new FormatException("COALESCE has no operators"))
                .Select(entry => entry is JsonValue ? Of((string)entry!, null, null) : Of((string?)entry?["command"] ?? "", (string?)entry?["param"], null)).ToArray();
            return (stream, context) => operators.Select(next => next(stream, context)).FirstOrDefault(value => value is not null);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw new FormatException($"COALESCE({argument}) is no JSON object of operators", failure);
        }
    }

    // X?Y: the header X, or where that is missing Y.
    private static Command OfHeader(string argument, Func<StreamRecord, string, string?> find)
    {
        if (argument.ToLowerInvariant().Split('?') is not { Length: 1 or 2 } names || names.Any(name => name.Length == 0))
        {
            throw new FormatException($"\"{argument}\" is not the name of a header, or two with ? between");
        }

        return (stream, _) => Text(find(stream, names[0]) ?? (names.Length > 1 ? find(stream, names[1]) : null));
    }

    private static string? Request(StreamRecord stream, string header) => header switch
    {
        ":method" => stream.Method,
        ":authority" => stream.Authority,
        ":path" or "path" => stream.Path,
        _ => stream.RequestHeader(header),
    };

    private static string? Query(string path, string name) => path.Split('?', 2) is [_, var query]
        ? query.Split('&').Select(pair => pair.Split('=', 2)).FirstOrDefault(pair => pair[0] == name) is [_, var value] ? value : null : null;

    private static JsonValue? Text(string? text) => string.IsNullOrEmpty(text) ? null : JsonValue.Create(text);

    private static string Address(string endpoint) => endpoint.LastIndexOf(':') is > 0 and var at ? endpoint[..at].Trim('[', ']') : endpoint;

    private static JsonValue? Port(string endpoint)
        => int.TryParse(endpoint[(endpoint.LastIndexOf(':') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? JsonValue.Create(port) : null;
}
