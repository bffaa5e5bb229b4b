using System.Globalization;
using System.Net;
using Envoy.Config.Core.V3;
using Envoy.Extensions.Filters.Http.ExtAuthz.V3;
using Envoy.Service.Auth.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Simulation;

namespace OsmExt.DataPlane.Http;

/// <summary>What an authorization server is told about a request.</summary>
internal static class AuthorizationRequest
{
    public static CheckRequest Of(ExtAuthz filter, ExtAuthzPerRoute? special, Exchange exchange, ReadOnlyMemory<byte> body)
    {
        var (served, request) = (exchange.Session.Served, exchange.Request);
        var http = new AttributeContext.Types.HttpRequest
        {
            Id = request.Header("x-request-id") ?? "",
            Method = request.Method,
            Path = ByteText.Show(request.Path),
            Host = ByteText.Show(request.Authority),
            Scheme = request.Header("x-forwarded-proto") ?? "http",
            Protocol = exchange.Record.Protocol,
            Size = long.TryParse(request.Header("content-length"), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : -1,
        };
        foreach (var group in request.Headers.GroupBy(header => header.Name, StringComparer.Ordinal))
        {
            http.Headers[group.Key] = string.Join(',', group.Select(header => ByteText.Show(header.Value)));
        }

        http.Headers[":method"] = http.Method;
        http.Headers[":path"] = http.Path;
        http.Headers[":authority"] = http.Host;
        http.Headers[":scheme"] = http.Scheme;
        var settings = special?.CheckSettings?.WithRequestBody ?? filter.WithRequestBody;
        if (settings is not null && special?.CheckSettings?.DisableRequestBodyBuffering != true)
        {
            if (settings.PackAsBytes)
            {
                http.RawBody = ByteString.CopyFrom(body.Span);
            }
            else
            {
                http.Body = System.Text.Encoding.UTF8.GetString(body.Span);
            }
        }

        var attributes = new AttributeContext
        {
            Source = new() { Address = At(served.Source), Principal = served.Peer?.Uris.FirstOrDefault() ?? served.Peer?.DnsNames.FirstOrDefault() ?? "" },
            Destination = new() { Address = At(served.Facts.Local), Principal = served.IsTls ? exchange.Proxy.Certificate?.Uris.FirstOrDefault() ?? "" : "" },
            Request = new() { Time = Timestamp.FromDateTimeOffset(exchange.Record.Began), Http = http },
            MetadataContext = new(),
            RouteMetadataContext = new(),
        };
        if (filter.IncludePeerCertificate && served.Trust?.Certificate is { } certificate)
        {
            attributes.Source.Certificate = Uri.EscapeDataString(certificate.ExportCertificatePem() + "\n");
        }

        attributes.ContextExtensions.Add(special?.CheckSettings?.ContextExtensions ?? []);
        return new() { Attributes = attributes };
    }

    private static Address At(IPEndPoint point) => new() { SocketAddress = new() { Address = point.Address.ToString(), PortValue = (uint)point.Port } };
}
