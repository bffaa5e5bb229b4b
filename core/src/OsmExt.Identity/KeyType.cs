using System.Security.Cryptography;

namespace OsmExt.Identity;

/// <summary>What kind of key a workload's certificate is for: ECDSA P-256, unless an RSA key of some size is asked for.</summary>
/// <param name="RsaBits">Size of an RSA key; 0 means ECDSA.</param>
internal readonly record struct KeyType(int RsaBits)
{
    public static KeyType EcdsaP256 => default;

    public bool IsRsa => RsaBits > 0;

    /// <param name="rsaBits">Null means ECDSA.</param>
    public static KeyType Of(int? rsaBits) => new(rsaBits ?? 0);

    public static KeyType Of(AsymmetricAlgorithm key) => key is RSA rsa ? new(rsa.KeySize) : EcdsaP256;

    /// <summary>A new key; the caller's to dispose.</summary>
    public AsymmetricAlgorithm NewKey() => IsRsa ? NewRsa(RsaBits) : ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>An RSA key that is there: the framework puts the work off until a key is first used.</summary>
    public static RSA NewRsa(int bits)
    {
        var key = RSA.Create(bits);
        key.ExportParameters(includePrivateParameters: false);
        return key;
    }

    public override string ToString() => IsRsa ? FormattableString.Invariant($"rsa-{RsaBits}") : "ecdsa-p256";
}
