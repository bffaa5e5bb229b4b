using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;
using OsmExt.Envoy;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Resources;
using EnvoySecret = Envoy.Extensions.TransportSockets.Tls.V3.Secret;

namespace OsmExt.Compiler.Contributions;

/// <summary>A Kubernetes Secret as proxies get it. Two of them are equal when the proxy would not notice a difference.</summary>
/// <param name="Reference">What asks for it.</param>
/// <param name="Values">Certificate chain and key, roots, or the text.</param>
internal sealed record ContributedSecret(SecretReference Reference, EquatableArray<SecretBytes> Values)
{
    private const string Chain = "tls.crt";
    private const string PrivateKey = "tls.key";
    private const string Authorities = "ca.crt";

    // A digest of a short secret tells what it is to whoever tries enough; one with a key nobody has does not.
    private static readonly byte[] VersionKey = RandomNumberGenerator.GetBytes(32);

    /// <summary>Finds it among the objects; or says what is wrong with which field, and what to do. No value of it is in what is said.</summary>
    public static (ContributedSecret? Secret, string Problem, string Advice) Find(SecretReference reference, ResourceSnapshot snapshot)
    {
        var key = new ResourceKey(nameof(Secret), reference.Namespace, reference.Name);
        if (snapshot.Find<Secret>(key) is not { } secret)
        {
            return (null, $"There is no {key} that can be read", "Create it in the object's namespace, or correct its name");
        }

        var values = secret.Entries.ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);
        return reference.Use switch
        {
            SecretUse.Certificate => Certificate(reference, key, values),
            SecretUse.Roots => Roots(reference, key, values),
            _ => Generic(reference, key, values),
        };
    }

    /// <summary>The resource that proxies get.</summary>
    public XdsResource ToResource()
    {
        var secret = new EnvoySecret { Name = Reference.ResourceName };
        switch (Reference.Use)
        {
            case SecretUse.Certificate:
                secret.TlsCertificate = new() { CertificateChain = new() { InlineString = Text(Values[0]) }, PrivateKey = new() { InlineBytes = Bytes(1) } };
                break;
            case SecretUse.Roots:
                secret.ValidationContext = new() { TrustedCa = new() { InlineString = Text(Values[0]) } };
                break;
            default:
                secret.GenericSecret = new() { Secret = new() { InlineBytes = Bytes(0) } };
                break;
        }

        var digest = HMACSHA256.HashData(VersionKey, XdsResource.Serialize(secret));
        return XdsResource.Create(secret, secret.Name, [new ResourceKey(nameof(Secret), Reference.Namespace, Reference.Name).ToString()], Convert.ToHexStringLower(digest)[..24]);
    }

    private ByteString Bytes(int index) => UnsafeByteOperations.UnsafeWrap(Values[index].Reveal());

    private static (ContributedSecret?, string, string) Certificate(SecretReference reference, ResourceKey key, Dictionary<string, SecretBytes> values)
    {
        if (new[] { Chain, PrivateKey }.FirstOrDefault(name => !values.ContainsKey(name)) is { } missing)
        {
            return (null, $"{key} has no data.{missing}, so it is no certificate", "Give it tls.crt and tls.key, as Secrets of type kubernetes.io/tls have them");
        }

        try
        {
            using var certificate = X509Certificate2.CreateFromPem(Text(values[Chain]), Text(values[PrivateKey]));
            return (new(reference, [Certificates(values[Chain]), values[PrivateKey]]), "", "");
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            return (null, $"data.tls.crt and data.tls.key of {key} are no certificate and its key in PEM", "Write both in PEM, the key without a password");
        }
    }

    private static (ContributedSecret?, string, string) Roots(SecretReference reference, ResourceKey key, Dictionary<string, SecretBytes> values)
    {
        if (!values.TryGetValue(Authorities, out var roots))
        {
            return (null, $"{key} has no data.{Authorities}, so it does not say whom to believe", "Give it ca.crt with the roots in PEM");
        }

        try
        {
            return Certificates(roots) is { Length: > 0 } read ? (new(reference, [read]), "", "") : (null, $"data.{Authorities} of {key} holds no certificate in PEM", "Write the roots in PEM");
        }
        catch (CryptographicException)
        {
            return (null, $"data.{Authorities} of {key} holds something else than certificates in PEM", "Write the roots in PEM");
        }
    }

    private static (ContributedSecret?, string, string) Generic(SecretReference reference, ResourceKey key, Dictionary<string, SecretBytes> values)
    {
        if (reference.Key.Length == 0 && values.Count != 1)
        {
            return (null, $"{key} has {values.Count} values, and it is not said which is meant", $"Write {SecretReference.Prefix}{reference.Name}/KEY");
        }

        var name = reference.Key.Length == 0 ? values.Keys.Single() : reference.Key;
        return !values.TryGetValue(name, out var value) ? (null, $"{key} has no data.{name}", "Add it, or correct the name behind the slash")
            : value.Length == 0 ? (null, $"data.{name} of {key} is empty", "Give it a value")
            : (new(reference, [value]), "", "");
    }

    // Certificates are shown, and what else is in such a file must not be.
    private static SecretBytes Certificates(SecretBytes pem)
    {
        var read = new X509Certificate2Collection();
        read.ImportFromPem(Text(pem));
        return new(Encoding.UTF8.GetBytes(read.Count == 0 ? "" : read.ExportCertificatePems()));
    }

    private static string Text(SecretBytes value) => Encoding.UTF8.GetString(value.Reveal().Span);
}
