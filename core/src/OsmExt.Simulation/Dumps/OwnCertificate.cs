using System.Security.Cryptography.X509Certificates;
using Envoy.Extensions.TransportSockets.Tls.V3;
using OsmExt.Envoy;
using OsmExt.Simulation.Tls;

namespace OsmExt.Simulation.Dumps;

/// <summary>The certificate a proxy proves itself with in the mesh, read from what it has.</summary>
internal static class OwnCertificate
{
    // The certificate itself is no secret; the first in its chain is the proxy's own. What static configuration uses is for others than
    // the mesh, such as the control plane.
    public static PeerCertificate? Of(IEnumerable<XdsResource> resources, ISet<string> used)
    {
        if (resources.Select(resource => resource.Message).OfType<Secret>()
            .FirstOrDefault(secret => secret.TlsCertificate is not null && used.Contains(secret.Name)) is not { } secret)
        {
            return null;
        }

        using var own = X509Certificate2.CreateFromPem(Chain(secret.TlsCertificate));
        return CertificateNames.Of(own);
    }

    public static bool IsPem(TlsCertificate certificate) => Chain(certificate).Contains("BEGIN CERTIFICATE", StringComparison.Ordinal);

    private static string Chain(TlsCertificate certificate) => certificate.CertificateChain is not { } source ? ""
        : source.InlineBytes is { IsEmpty: false } bytes ? bytes.ToStringUtf8() : source.InlineString;
}
