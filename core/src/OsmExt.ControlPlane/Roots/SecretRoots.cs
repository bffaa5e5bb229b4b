using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Envoy.Extensions.TransportSockets.Tls.V3;
using OsmExt.Envoy;
using OsmExt.Identity;

namespace OsmExt.ControlPlane.Roots;

/// <summary>
/// Which roots a secret is about, read from the secret itself: what a proxy acknowledged is what counts, not what somebody noted
/// about it.
/// </summary>
internal sealed class SecretRoots(MeshRoots roots)
{
    // Replicas share their secrets, so each is read once, and forgotten with the secret.
    private readonly ConditionalWeakTable<XdsResource, ImmutableHashSet<string>> _read = [];

    /// <summary>Those that a validation context believes, or the one that issued a certificate.</summary>
    public ImmutableHashSet<string> Of(XdsResource resource) => _read.GetValue(resource, Read);

    public static bool IsCertificate(XdsResource resource) => ((Secret)resource.Message).TypeCase is Secret.TypeOneofCase.TlsCertificate;

    private ImmutableHashSet<string> Read(XdsResource resource)
    {
        var secret = (Secret)resource.Message;
        if (secret.TypeCase is Secret.TypeOneofCase.ValidationContext)
        {
            return roots.NamesIn(secret.ValidationContext.TrustedCa.InlineString).ToImmutableHashSet(StringComparer.Ordinal);
        }

        using var certificate = X509Certificate2.CreateFromPem(secret.TlsCertificate.CertificateChain.InlineString);
        return roots.IssuerOf(certificate) is { } issuer ? [issuer] : [];
    }
}
