using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Envoy.Extensions.TransportSockets.Tls.V3;
using OsmExt.Envoy;
using OsmExt.Identity;
using OsmExt.Sdk.Identity;

namespace OsmExt.ControlPlane.Roots;

/// <summary>
/// Which roots a secret is about, read from the secret itself: what a proxy acknowledged is what counts, not what somebody noted
/// about it.
/// </summary>
internal sealed class SecretRoots(MeshRoots roots)
{
    // Replicas share their secrets, so each is read once, and forgotten with the secret.
    private readonly ConditionalWeakTable<XdsResource, Contents> _read = [];

    /// <summary>Those that a validation context believes, or the one that issued a certificate.</summary>
    public ImmutableHashSet<string> Of(XdsResource resource) => _read.GetValue(resource, Read).Roots;

    /// <summary>The trust domain of a certificate; empty when it has none that can be read.</summary>
    public string TrustDomainOf(XdsResource resource) => _read.GetValue(resource, Read).TrustDomain;

    public static bool IsCertificate(XdsResource resource) => ((Secret)resource.Message).TypeCase is Secret.TypeOneofCase.TlsCertificate;

    private Contents Read(XdsResource resource)
    {
        var secret = (Secret)resource.Message;
        if (secret.TypeCase is Secret.TypeOneofCase.ValidationContext)
        {
            return new(roots.NamesIn(secret.ValidationContext.TrustedCa.InlineString).ToImmutableHashSet(StringComparer.Ordinal), "");
        }

        using var certificate = X509Certificate2.CreateFromPem(secret.TlsCertificate.CertificateChain.InlineString);
        return new(roots.IssuerOf(certificate) is { } issuer ? [issuer] : [], DomainIn(certificate));
    }

    private static string DomainIn(X509Certificate2 certificate)
        => SubjectAlternativeNames.TryReadUris(certificate, out var uris) && uris is [var uri] && WorkloadIdentity.TryParse(uri, out var identity)
            ? identity.TrustDomain : "";

    private sealed record Contents(ImmutableHashSet<string> Roots, string TrustDomain);
}
