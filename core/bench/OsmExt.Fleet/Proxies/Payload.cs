using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Envoy.Config.Route.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;

namespace OsmExt.Fleet.Proxies;

/// <summary>
/// One content of a resource, shared by all proxies that hold it: what it refers to, and a digest of type, name and bytes. A proxy's configuration has the sum of its
/// resources' digests for a digest, which depends on no order.
/// </summary>
/// <param name="Name">Whose content.</param>
/// <param name="Content">A digest of the bytes.</param>
/// <param name="Version">As the server calls it; empty in the state of the world.</param>
/// <param name="References">What a proxy that has it needs too.</param>
/// <param name="HasHosts">Whether its virtual hosts come by themselves.</param>
internal sealed record Payload(ResourceName Name, UInt128 Content, string Version, ImmutableArray<Reference> References, bool HasHosts)
{
    /// <summary>The digest of the resource.</summary>
    public UInt128 Digest => DigestOf(Encoding.UTF8.GetBytes(ToString()));

    /// <summary>
    /// Of a certificate with its key, which key has issued it; null of everything else. Issued anew by the same root, as by a control plane that was restarted, it is another that means the
    /// same, and nobody is sent it for that.
    /// </summary>
    public string? Issuer { get; init; }

    /// <summary>What is compared: type, name and content, of a certificate only by which root it is.</summary>
    public override string ToString() => FormattableString.Invariant($"{Name.TypeUrl} {Name.Text} {Issuer ?? Content.ToString(CultureInfo.InvariantCulture)}");

    public static UInt128 DigestOf(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        return BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }

    /// <param name="name">Whose content.</param>
    /// <param name="value">The message's bytes.</param>
    /// <param name="version">As the server calls it.</param>
    public static Payload Of(ResourceName name, ReadOnlySpan<byte> value, string version)
    {
        // Of the others nothing has to be known.
        var message = name.TypeUrl is TypeUrls.Cluster or TypeUrls.Listener or TypeUrls.Route or TypeUrls.Secret
            ? EnvoyTypes.Unpack(new Any { TypeUrl = name.TypeUrl, Value = ByteString.CopyFrom(value) })
            : null;
        return new(name, DigestOf(value), version, message is null ? [] : OsmExt.Envoy.References.Of(message), message is RouteConfiguration { Vhds: not null })
        {
            Issuer = message is Secret { TypeCase: Secret.TypeOneofCase.TlsCertificate } secret ? IssuerOf(secret.TlsCertificate.CertificateChain.InlineString) : null,
        };
    }

    private static string IssuerOf(string chainPem)
    {
        using var certificate = X509Certificate2.CreateFromPem(chainPem);
        var issuer = certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().Single().KeyIdentifier;
        return $"by {Convert.ToHexStringLower(issuer!.Value.Span)}";
    }
}
