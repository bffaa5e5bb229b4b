using System.Net.Security;
using Microsoft.Extensions.Logging;

namespace OsmExt.Identity;

/// <summary>
/// What the xDS port presents to proxies. The key never leaves the process; every handshake asks anew, so that rotation needs
/// neither a timer nor a restart.
/// </summary>
internal sealed partial class XdsServerCredentials
{
    private readonly RotatingCertificate<SslStreamCertificateContext> _certificate;
    private readonly RotationSchedule _schedule;
    private readonly ILogger _logger;

    /// <param name="authority">Issues; also says whose control plane this is.</param>
    /// <param name="validity">How long a certificate is valid; it is replaced after two thirds of it.</param>
    /// <param name="time">Tells the epoch.</param>
    /// <param name="logger">Told of every replacement and failure.</param>
    public XdsServerCredentials(CertificateAuthority authority, TimeSpan validity, TimeProvider time, ILogger<XdsServerCredentials> logger)
    {
        _schedule = RotationSchedule.For(authority.XdsServer.SpiffeId, validity);
        _certificate = new(epoch => NewContext(authority, epoch), WindowOf, time);
        _logger = logger;
    }

    /// <summary>The certificate for a handshake that happens now.</summary>
    /// <exception cref="CertificateAuthorityException">None could be issued, and there is no valid one from before.</exception>
    public SslStreamCertificateContext Current
    {
        get
        {
            var renewal = _certificate.Renew(_schedule);
            if (renewal is { Outcome: RenewalOutcome.First or RenewalOutcome.Replaced, Certificate: { } issued })
            {
                Log.Issued(_logger, WindowOf(issued).NotAfter);
            }
            else if (renewal.Outcome is RenewalOutcome.Failed)
            {
                Log.NotIssued(_logger, renewal.Due, renewal.Failure);
            }

            return renewal.Certificate ?? throw new CertificateAuthorityException(
                CertificateAuthorityError.NotIssued,
                $"There is no valid certificate for the xDS port. Issuing is tried again at {renewal.Due:u}.", renewal.Failure);
        }
    }

    /// <summary>The issuer changed: the next handshake sees a certificate by the new one.</summary>
    public void Supersede() => _certificate.Supersede();

    /// <summary>When a handshake will see another certificate; null before the first.</summary>
    public DateTimeOffset? NextRotation => _certificate.Due;

    // Offline: the chain is ours, and nothing about it is to be asked of the network.
    private static SslStreamCertificateContext NewContext(CertificateAuthority authority, RotationEpoch epoch)
        => SslStreamCertificateContext.Create(authority.IssueXdsServer(epoch), additionalCertificates: null, offline: true);

    private static ValidityWindow WindowOf(SslStreamCertificateContext context)
        => new(context.TargetCertificate.NotBefore.ToUniversalTime(), context.TargetCertificate.NotAfter.ToUniversalTime());

    private static partial class Log
    {
        [LoggerMessage(4020, LogLevel.Information, "The xDS port presents a new certificate, valid until {NotAfter}.")]
        public static partial void Issued(ILogger logger, DateTimeOffset notAfter);

        [LoggerMessage(4021, LogLevel.Error, "No new certificate could be issued for the xDS port. Next try at {RetryAt}.")]
        public static partial void NotIssued(ILogger logger, DateTimeOffset retryAt, Exception? exception);
    }
}
