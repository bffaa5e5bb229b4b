using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler;
using OsmExt.Identity;

namespace OsmExt.ControlPlane.Webhooks;

/// <summary>
/// What the webhooks' port presents: a certificate of the mesh's authority for the Services' names. It also carries the control plane's own SPIFFE id,
/// which no workload can have, so that an agent is not taken in by a workload whose DNS name happens to read like ours. Rotated without a restart.
/// </summary>
internal sealed partial class WebhookCertificate
{
    private static readonly TimeSpan Validity = TimeSpan.FromHours(24);
    private readonly RotatingCertificate<SslStreamCertificateContext> _certificate;
    private readonly CertificateAuthority _authority;
    private readonly ILogger _logger;
    private string _issuer;

    public WebhookCertificate(CertificateAuthority authority, CompilerOptions compiler, WebhookOptions options, TimeProvider time, ILogger<WebhookCertificate> logger)
    {
        string[] names = [$"osm-injector.{compiler.OsmNamespace}.svc", $"osm-validator.{compiler.OsmNamespace}.svc", .. options.Names];
        (_authority, _logger, _issuer) = (authority, logger, authority.XdsIssuer);
        _certificate = new(epoch => SslStreamCertificateContext.Create(authority.IssueXdsServer(epoch, names), additionalCertificates: null, offline: true), WindowOf, time);
    }

    /// <summary>For a handshake that happens now.</summary>
    /// <exception cref="CertificateAuthorityException">None could be issued, and there is no valid one from before.</exception>
    public SslStreamCertificateContext Current
    {
        get
        {
            if (Interlocked.Exchange(ref _issuer, _authority.XdsIssuer) != _authority.XdsIssuer)
            {
                _certificate.Supersede();
            }

            var renewal = _certificate.Renew(RotationSchedule.For("webhooks", Validity));
            if (renewal.Outcome is RenewalOutcome.Failed)
            {
                Log.NotIssued(_logger, renewal.Due, renewal.Failure);
            }

            return renewal.Certificate ?? throw new CertificateAuthorityException(
                CertificateAuthorityError.NotIssued, $"There is no valid certificate for the webhooks. Issuing is tried again at {renewal.Due:u}.", renewal.Failure);
        }
    }

    /// <summary>For <c>ListenOptions.UseHttps</c>.</summary>
    public TlsHandshakeCallbackOptions NewKestrelOptions() => new()
    {
        OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = Current,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            AllowRenegotiation = false,
        }),
    };

    private static ValidityWindow WindowOf(SslStreamCertificateContext context)
        => new(context.TargetCertificate.NotBefore.ToUniversalTime(), context.TargetCertificate.NotAfter.ToUniversalTime());

    private static partial class Log
    {
        [LoggerMessage(5381, LogLevel.Error, "No new certificate could be issued for the webhooks; next try at {RetryAt}")]
        public static partial void NotIssued(ILogger logger, DateTimeOffset retryAt, Exception? failure);
    }
}
