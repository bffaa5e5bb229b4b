using System.Collections.Frozen;
using System.Net.Security;
using System.Security.Authentication;
using Envoy.Extensions.TransportSockets.Tls.V3;

namespace OsmExt.DataPlane.Tls;

/// <summary>What both sides' TLS options have in common.</summary>
internal static class TlsSettings
{
    // OpenSSL's names, as configurations give them. Suites of TLS 1.3 are not configured, there as here.
    private static readonly FrozenDictionary<string, TlsCipherSuite> Suites = new Dictionary<string, TlsCipherSuite>(StringComparer.Ordinal)
    {
        ["ECDHE-ECDSA-AES128-GCM-SHA256"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        ["ECDHE-RSA-AES128-GCM-SHA256"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        ["ECDHE-ECDSA-AES256-GCM-SHA384"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        ["ECDHE-RSA-AES256-GCM-SHA384"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        ["ECDHE-ECDSA-CHACHA20-POLY1305"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        ["ECDHE-RSA-CHACHA20-POLY1305"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ["ECDHE-ECDSA-AES128-SHA"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
        ["ECDHE-RSA-AES128-SHA"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
        ["AES128-GCM-SHA256"] = TlsCipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256,
        ["AES128-SHA"] = TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA,
        ["ECDHE-ECDSA-AES256-SHA"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
        ["ECDHE-RSA-AES256-SHA"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
        ["AES256-GCM-SHA384"] = TlsCipherSuite.TLS_RSA_WITH_AES_256_GCM_SHA384,
        ["AES256-SHA"] = TlsCipherSuite.TLS_RSA_WITH_AES_256_CBC_SHA,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<TlsCipherSuite, string> Names12 = Suites.ToFrozenDictionary(entry => entry.Value, entry => entry.Key);

    private static readonly TlsCipherSuite[] OfTls13 =
        [TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256];

    /// <summary>Whether every suite of a context is known; those that are not cannot be carried out.</summary>
    public static string? UnknownSuite(TlsParameters parameters)
        => Names(parameters).FirstOrDefault(name => !Suites.ContainsKey(name));

#pragma warning disable SYSLIB0039, CA5397 // A configuration may ask for old versions, as Envoy's may.
    public static SslProtocols Protocols((int Low, int High) versions)
        => Enumerable.Range(versions.Low, Math.Max(0, versions.High - versions.Low + 1)).Aggregate(SslProtocols.None, (sum, version) => sum | version switch
        {
            10 => SslProtocols.Tls,
            11 => SslProtocols.Tls11,
            12 => SslProtocols.Tls12,
            _ => SslProtocols.Tls13,
        });
#pragma warning restore SYSLIB0039, CA5397

    /// <summary>The suites a context allows; null where it says nothing or the operating system decides.</summary>
    public static CipherSuitesPolicy? Ciphers(CommonTlsContext context)
    {
        if (context.TlsParams is not { CipherSuites.Count: > 0 } parameters || OperatingSystem.IsWindows() || OperatingSystem.IsMacOS())
        {
            return null;
        }

#pragma warning disable CA1416 // Asked for just above.
        return new(Names(parameters).Select(name => Suites[name]).Concat(OfTls13));
#pragma warning restore CA1416
    }

    /// <summary>What Envoy calls a suite that was agreed on.</summary>
    public static string NameOf(TlsCipherSuite suite) => Names12.GetValueOrDefault(suite) ?? suite.ToString();

    /// <summary>What Envoy calls a version that was agreed on.</summary>
#pragma warning disable SYSLIB0039, CA5397 // A configuration may ask for old versions, as Envoy's may.
    public static string NameOf(SslProtocols protocol) => protocol switch
    {
        SslProtocols.Tls => "TLSv1",
        SslProtocols.Tls11 => "TLSv1.1",
        SslProtocols.Tls12 => "TLSv1.2",
        _ => "TLSv1.3",
    };
#pragma warning restore SYSLIB0039, CA5397

    public static List<SslApplicationProtocol>? Protocols(CommonTlsContext context)
        => context.AlpnProtocols.Count == 0 ? null : [.. context.AlpnProtocols.Select(name => new SslApplicationProtocol(name))];

    // [A|B] says that A and B are equally welcome.
    private static IEnumerable<string> Names(TlsParameters parameters)
        => parameters.CipherSuites.SelectMany(entry => entry.Trim('[', ']').Split('|'));
}
