using System.Collections.Concurrent;
using Envoy.Extensions.Filters.Http.ExtAuthz.V3;
using Envoy.Service.Auth.V3;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Http;
using OsmExt.DataPlane.Streams;
using OsmExt.DataPlane.Upstream;
using OsmExt.Simulation.Http;
using OsmExt.Simulation.Rbac;
using EnvoyGrpc = Envoy.Config.Core.V3.GrpcService.Types.EnvoyGrpc;

namespace OsmExt.DataPlane.Http;

/// <summary>Asks authorization servers, over gRPC, and does as they say.</summary>
internal sealed class Authorizer(Clusters clusters, TrafficOptions options) : IDisposable
{
    private static readonly TimeSpan OtherwiseTimeout = TimeSpan.FromMilliseconds(200);
    private readonly ConcurrentDictionary<(string Cluster, string Authority, uint? Most), GrpcChannel> _channels = [];

    /// <returns>The refusal; null when the request goes on.</returns>
    public async ValueTask<LocalReply?> AskAsync(ExtAuthz filter, ExtAuthzPerRoute? special, string where, string name, Exchange exchange, AccessContext context)
    {
        var (server, _, refusal) = ExternalAuthorization.Consider(filter, special, where, name, exchange.Proxy, context, null);
        if (server is null)
        {
            return refusal is null ? null : Denied(refusal.Status ?? 403, "ext_authz_error");
        }

        if (await ReadBodyAsync(filter, special, exchange) is not { } body)
        {
            return new(413, "Payload Too Large", "request_payload_too_large");
        }

        using var limit = new CancellationTokenSource(filter.GrpcService.Timeout?.ToTimeSpan() is { Ticks: > 0 } own ? own : OtherwiseTimeout, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, exchange.Context.RequestAborted);
        try
        {
            var client = new Authorization.AuthorizationClient(ChannelTo(server));
            var answer = await client.CheckAsync(AuthorizationRequest.Of(filter, special, exchange, body), cancellationToken: either.Token);
            return answer.Status is null or { Code: 0 } ? Allow(answer, exchange) : Deny(answer);
        }
        catch (RpcException)
        {
            exchange.Context.RequestAborted.ThrowIfCancellationRequested();
            if (!filter.FailureModeAllow)
            {
                return Denied(filter.StatusOnError is { } status ? (int)status.Code : 403, "ext_authz_error");
            }

            if (filter.FailureModeAllowHeaderAdd)
            {
                exchange.Context.Request.Headers["x-envoy-auth-failure-mode-allowed"] = "true";
                exchange.ReadHeadersAgain();
            }

            return null;
        }
    }

    public void Dispose()
    {
        foreach (var channel in _channels.Values)
        {
            channel.Dispose();
        }
    }

    private static LocalReply Denied(int status, string details) => new(status, "", details) { Flag = "UAEX" };

    private static LocalReply? Allow(CheckResponse answer, Exchange exchange)
    {
        if (answer.OkResponse is not { } ok)
        {
            return null;
        }

        var headers = exchange.Context.Request.Headers;
#pragma warning disable CS0612 // Deprecated, but servers use it.
        foreach (var option in ok.Headers.Where(option => !option.Header.Key.StartsWith(':') && !option.Header.Key.Equals("host", StringComparison.OrdinalIgnoreCase)))
        {
            if (option.Append is true)
            {
                headers.Append(option.Header.Key, Value(option.Header));
            }
            else
            {
                headers[option.Header.Key] = Value(option.Header);
            }
        }
#pragma warning restore CS0612

        foreach (var removed in ok.HeadersToRemove.Where(removed => !removed.StartsWith(':') && !removed.Equals("host", StringComparison.OrdinalIgnoreCase)))
        {
            headers.Remove(removed);
        }

        foreach (var added in ok.ResponseHeadersToAdd)
        {
            added.Header.Value = added.Header.Value.Replace("%", "%%", StringComparison.Ordinal);
            exchange.ResponseChanges.Add((added, null));
        }

        exchange.ReadHeadersAgain();
        return null;
    }

    private static LocalReply Deny(CheckResponse answer)
    {
        var denied = answer.DeniedResponse;
        return Denied(denied?.Status is { } status && (int)status.Code >= 100 ? (int)status.Code : 403, "ext_authz_denied") with
        {
            Body = denied?.Body ?? "",
            Headers = [.. denied?.Headers.Select(option => (option.Header.Key, Value(option.Header))) ?? []],
        };
    }

    private static string Value(global::Envoy.Config.Core.V3.HeaderValue header) => header.RawValue.Length > 0 ? header.RawValue.ToStringUtf8() : header.Value;

    // As much as the filter shows the server; null when there is more and it shows all or nothing.
    private static async ValueTask<ReadOnlyMemory<byte>?> ReadBodyAsync(ExtAuthz filter, ExtAuthzPerRoute? special, Exchange exchange)
    {
        if (special?.CheckSettings is { DisableRequestBodyBuffering: true } || (special?.CheckSettings?.WithRequestBody ?? filter.WithRequestBody) is not { } wanted)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        var (request, most) = (exchange.Context.Request, (int)Math.Min(wanted.MaxRequestBytes, int.MaxValue - 1));
        var bytes = new byte[Math.Min(most + 1, 4096)];
        var length = 0;
        while (length <= most)
        {
            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, Math.Min(most + 1, bytes.Length * 4));
            }

            var count = await request.Body.ReadAsync(bytes.AsMemory(length), exchange.Context.RequestAborted);
            if (count == 0)
            {
                break;
            }

            length += count;
        }

        if (length > most && !wanted.AllowPartialMessage)
        {
            return null;
        }

        request.Body = new ReplayStream(request.Body, bytes, length);
        return bytes.AsMemory(0, Math.Min(length, most));
    }

    private GrpcChannel ChannelTo(EnvoyGrpc server)
        => _channels.GetOrAdd((server.ClusterName, server.Authority, server.MaxReceiveMessageLength), key => GrpcChannel.ForAddress("http://authorizer", new GrpcChannelOptions
        {
            HttpHandler = new ClusterHandler(clusters, key.Cluster, key.Authority.Length > 0 ? key.Authority : key.Cluster),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = key.Most is { } most and > 0 ? (int)Math.Min(most, int.MaxValue) : null,
        }));
}
