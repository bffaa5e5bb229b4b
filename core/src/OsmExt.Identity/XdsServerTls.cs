using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace OsmExt.Identity;

/// <summary>
/// TLS of the xDS port. Clients other than proxies are turned away in the handshake, before a byte of theirs is parsed, and each
/// handshake uses the certificate and the clock of its own moment.
/// </summary>
internal sealed partial class XdsServerTls(XdsServerCredentials credentials, ProxyCertificateVerifier verifier, ILogger<XdsServerTls> logger)
{
    /// <summary>For <c>ListenOptions.UseHttps</c>.</summary>
    public TlsHandshakeCallbackOptions NewKestrelOptions()
        => new() { OnConnection = _ => ValueTask.FromResult(NewHandshake()) };

    /// <summary>For one handshake that happens now.</summary>
    public SslServerAuthenticationOptions NewHandshake() => new()
    {
        ServerCertificateContext = credentials.Current,
        ClientCertificateRequired = true,
        CertificateChainPolicy = verifier.NewChainPolicy(),
        RemoteCertificateValidationCallback = IsProxy,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http2],
        AllowRenegotiation = false,

        // A resumed session would be let in on the word of an earlier handshake.
        AllowTlsResume = false,
    };

    private bool IsProxy(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var verification = certificate is X509Certificate2 presented && chain is not null
            ? verifier.Judge(presented, chain)
            : ProxyVerification.Refuse(ProxyRefusal.NoCertificate);
        if (verification.IsAccepted && errors is SslPolicyErrors.None)
        {
            return true;
        }

        // Anyone can cause the first two; the others hold a certificate of ours, and somebody should know.
        if (verification.Refusal is ProxyRefusal.NoCertificate or ProxyRefusal.Untrusted)
        {
            Log.StrangerRefused(logger, verification.Refusal, errors);
        }
        else
        {
            Log.HolderRefused(logger, verification.Refusal, errors);
        }

        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(4030, LogLevel.Debug, "Refused a TLS client of the xDS port: {Refusal} ({Errors}).")]
        public static partial void StrangerRefused(ILogger logger, ProxyRefusal? refusal, SslPolicyErrors errors);

        [LoggerMessage(4031, LogLevel.Warning, "Refused a TLS client of the xDS port whose certificate we issued: {Refusal} ({Errors}).")]
        public static partial void HolderRefused(ILogger logger, ProxyRefusal? refusal, SslPolicyErrors errors);
    }
}
