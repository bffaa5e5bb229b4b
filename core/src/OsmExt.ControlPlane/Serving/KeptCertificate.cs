using OsmExt.Compiler.Contributions;
using OsmExt.Identity;
using OsmExt.Sdk.Plugins;

namespace OsmExt.ControlPlane.Serving;

/// <summary>A certificate for somebody outside the mesh, while it is asked for: issued, and replaced when its time or its issuer says so.</summary>
internal sealed class KeptCertificate(OutsiderCertificate asked, CertificateAuthority authority, TimeProvider time)
{
    private readonly RotatingCertificate<GatewayCredential> _certificate = new(epoch => authority.IssueOutsider(
        asked.Identity, [.. asked.DnsNames], asked.Usages.Contains(CertificateUsage.Client), asked.Usages.Contains(CertificateUsage.Server), epoch), issued => issued.Window, time);

    private (string Root, string TrustDomain) _issuer = IssuerOf(authority);

    public OutsiderCertificate Asked => asked;

    /// <summary>When the one that is kept ends; null while there is none.</summary>
    public DateTimeOffset? NotAfter { get; private set; }

    /// <param name="shortest">A shorter validity counts as this.</param>
    public Renewal<GatewayCredential> Renew(TimeSpan shortest)
    {
        if (_issuer != IssuerOf(authority))
        {
            _issuer = IssuerOf(authority);
            _certificate.Supersede();
        }

        var renewal = _certificate.Renew(RotationSchedule.For($"{asked.Identity?.SpiffeId}{string.Join(',', asked.DnsNames)}", asked.Validity, shortest));
        NotAfter = renewal.Certificate?.Window.NotAfter;
        return renewal;
    }

    // An identity is written in the trust domain that issues.
    private static (string Root, string TrustDomain) IssuerOf(CertificateAuthority authority) => (authority.Issuer, authority.Bundle.TrustDomain);
}
