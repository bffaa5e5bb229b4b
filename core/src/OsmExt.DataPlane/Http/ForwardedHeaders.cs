using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using OsmExt.Simulation;
using Forward = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types.ForwardClientCertDetails;

namespace OsmExt.DataPlane.Http;

/// <summary>What a connection manager says to those behind it about the client: who it is, from where, and by which request.</summary>
internal static class ForwardedHeaders
{
    private const string ClientCertificate = "x-forwarded-client-cert";
    private const string Proto = "x-forwarded-proto";
    private const string RequestId = "x-request-id";
    private const string For = "x-forwarded-for";

    // What connections are for, and what may not be named at all: Framing refuses that.
    private static readonly FrozenSet<string> Kept = FrozenSet.ToFrozenSet(
        ["close", "keep-alive", "upgrade", "te", "host", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "content-length", "transfer-encoding"], StringComparer.OrdinalIgnoreCase);

    public static void Apply(HttpSession session, ProxyConfiguration proxy, IHeaderDictionary headers, Chance chance)
    {
        var manager = session.Manager;
        TakeOff(headers);
        // Whether a request comes from inside is for proxies to say.
        headers.Remove("x-envoy-internal");
        if (manager.UseRemoteAddress is true && !manager.SkipXffAppend)
        {
            var source = session.Served.Source.Address.ToString();
            headers[For] = headers.TryGetValue(For, out var before) ? $"{before},{source}" : source;
        }

        if (!headers.ContainsKey(Proto) || (manager.UseRemoteAddress is true && manager.XffNumTrustedHops == 0))
        {
            headers[Proto] = session.Served.IsTls ? "https" : "http";
        }

        if (manager.GenerateRequestId is not false && (!headers.ContainsKey(RequestId) || (manager.UseRemoteAddress is true && !manager.PreserveExternalRequestId)))
        {
            headers[RequestId] = NewId(chance);
        }

        if (manager.Via.Length > 0)
        {
            headers["via"] = headers.TryGetValue("via", out var passed) ? $"{passed}, {manager.Via}" : manager.Via;
        }

        // Envoy has answered it itself by now.
        headers.Remove("expect");
        Identify(session, proxy, headers);
    }

    // What the client has named as being for this hop alone. Before anything is written here: nobody names away what the proxy says.
    private static void TakeOff(IHeaderDictionary headers)
    {
        var connection = headers.Connection.ToString();
        foreach (var part in connection.AsSpan().Split(','))
        {
            var name = connection.AsSpan()[part].Trim().ToString();
            if (name.Length > 0 && !Kept.Contains(name))
            {
                headers.Remove(name);
            }
        }
    }

    /// <summary>The client's address as those before this proxy say it, where they are believed.</summary>
    public static IPAddress? ClaimedSource(HttpSession session, IHeaderDictionary headers)
    {
        if (session.Manager.UseRemoteAddress is true || !headers.TryGetValue(For, out var claimed))
        {
            return null;
        }

        var addresses = claimed.ToString().Split(',', StringSplitOptions.TrimEntries);
        var at = addresses.Length - 1 - (int)session.Manager.XffNumTrustedHops;
        return at >= 0 && IPAddress.TryParse(addresses[at], out var address) ? address : null;
    }

    private static void Identify(HttpSession session, ProxyConfiguration proxy, IHeaderDictionary headers)
    {
        var mode = session.Manager.ForwardClientCertDetails;
        if (mode == Forward.AlwaysForwardOnly)
        {
            return;
        }

        var certificate = session.Served.Trust?.Certificate;
        if (mode == Forward.Sanitize || certificate is null)
        {
            headers.Remove(ClientCertificate);
            return;
        }

        if (mode == Forward.ForwardOnly)
        {
            return;
        }

        if (session.Described is not { } known || !ReferenceEquals(known.Own, proxy.Certificate))
        {
            session.Described = known = new(proxy.Certificate, Describe(session, proxy, certificate));
        }

        var element = known.Text;
        headers[ClientCertificate] = mode == Forward.AppendForward && headers.TryGetValue(ClientCertificate, out var before) ? $"{before},{element}" : element;
    }

    private static string Describe(HttpSession session, ProxyConfiguration proxy, X509Certificate2 certificate)
    {
        var details = session.Manager.SetCurrentClientCertDetails;
        var peer = session.Served.Peer!;
        var parts = new List<string>();
        parts.AddRange((proxy.Certificate?.Uris ?? []).Select(uri => $"By={uri}"));
        parts.Add($"Hash={certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant()}");
        if (details?.Cert == true)
        {
            parts.Add($"Cert=\"{Uri.EscapeDataString(certificate.ExportCertificatePem() + "\n")}\"");
        }

        if (details?.Subject is true)
        {
            parts.Add($"Subject=\"{peer.Subject}\"");
        }

        if (details?.Uri == true)
        {
            parts.AddRange(peer.Uris.IsEmpty ? ["URI="] : peer.Uris.Select(uri => $"URI={uri}"));
        }

        if (details?.Dns == true)
        {
            parts.AddRange(peer.DnsNames.Select(name => $"DNS={name}"));
        }

        return string.Join(';', parts);
    }

    // A random UUID (RFC 9562, version 4).
    private static string NewId(Chance chance)
    {
        var (high, low) = ((ulong)chance.NextInt64(), (ulong)chance.NextInt64());
        return string.Create(CultureInfo.InvariantCulture,
            $"{(uint)(high >> 31):x8}-{(ushort)(high >> 15):x4}-4{(high & 0xfff):x3}-{0x8000 | ((low >> 48) & 0x3fff):x4}-{low & 0xffffffffffff:x12}");
    }
}
