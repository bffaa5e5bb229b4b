using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace OsmExt.DataPlane.Http;

/// <summary>Requests that Kestrel reads and Envoy refuses, because somebody behind might read them otherwise.</summary>
internal static class Framing
{
    // All control characters but the tabulator.
    private static readonly SearchValues<char> Controls = SearchValues.Create([.. Enumerable.Range(0, 32).Where(code => code != 9).Append(127).Select(code => (char)code)]);

    /// <summary>Why a request is refused; null when it is not.</summary>
    public static LocalReply? Refuses(Exchange exchange)
    {
        var request = exchange.Context.Request;
        if (!exchange.Session.IsHttp2 && request.Headers.TransferEncoding is { Count: > 0 } encodings)
        {
            // Where a length is given besides, Kestrel keeps it under this name.
            if (request.Headers.ContainsKey("x-content-length"))
            {
                return No(400, "http1.content_length_and_chunked_not_allowed");
            }

            if (encodings.Count > 1 || !"chunked".Equals(encodings[0], StringComparison.OrdinalIgnoreCase))
            {
                return No(501, "http1.invalid_transfer_encoding");
            }
        }

        if (!exchange.Session.IsHttp2 && Nominates(request.Headers.Connection.ToString()))
        {
            return No(400, "http1.codec_error");
        }

        // A request for nobody would be sent on with a host of the client library's own choice.
        return string.IsNullOrWhiteSpace(request.Headers.Host) ? No(400, "missing_host_header")
            : HttpMethods.IsConnect(request.Method) && exchange.Request.Path.StartsWith('/') ? No(400, "http1.codec_error")
            : HasControls(request.Headers) ? No(400, "http1.codec_error")
            : null;
    }

    private static LocalReply No(int status, string details) => new(status, "", details) { IsPlain = true, Closes = true };

    // What says where a request goes and where it comes from is for everybody on its way.
    private static bool Nominates(string connection)
    {
        foreach (var part in connection.AsSpan().Split(','))
        {
            var name = connection.AsSpan()[part].Trim();
            if (name.Equals("host", StringComparison.OrdinalIgnoreCase) || name.StartsWith("x-forwarded-", StringComparison.OrdinalIgnoreCase) || name.StartsWith(':'))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasControls(IHeaderDictionary headers)
    {
        foreach (var (_, values) in headers)
        {
            foreach (var value in values)
            {
                if (value.AsSpan().ContainsAny(Controls))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
