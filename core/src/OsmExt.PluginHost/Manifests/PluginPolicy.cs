using OsmExt.PluginHost.Certificates;
using OsmExt.PluginHost.Loading;
using OsmExt.PluginHost.Rollout;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Manifests;

/// <summary>What the operator allows. Nothing is granted that is not written.</summary>
/// <param name="Plugins">By id.</param>
/// <param name="OnlyListed">Whether plugins that are not listed are refused.</param>
internal sealed record PluginPolicy(IReadOnlyDictionary<string, PluginGrant> Plugins, bool OnlyListed = false)
{
    /// <summary>Whose signatures count; with none, signatures are not looked at.</summary>
    public EquatableArray<TrustedKey> TrustedKeys { get; init; }

    /// <summary>Whether plugins that nobody of these has signed are refused.</summary>
    public bool RequireSignature { get; init; }

    /// <summary>The name of the file in the directory of plugins that counts when no other is given.</summary>
    public const string FileName = "policy.yaml";

    /// <summary>Every plugin may run, and none gets a capability.</summary>
    public static PluginPolicy Default { get; } = new(new Dictionary<string, PluginGrant>());

    public static PluginPolicy? Read(string text, Findings findings)
    {
        if (findings.Document(text) is not { } fields)
        {
            return null;
        }

        var plugins = new Dictionary<string, PluginGrant>(StringComparer.Ordinal);
        foreach (var (id, entry) in fields.Entries("plugins"))
        {
            plugins[id] = new(entry.Words<PluginCapability>("grants").ToEquatableArray(), entry.Text("digest"), entry.Flag("enabled", true))
            {
                Rollout = entry.Object("rollout") is { } rollout ? RolloutPlan.Read(rollout) : null,
                Certificates = entry.Object("certificates") is { } certificates ? CertificateGrant.Read(certificates) : CertificateGrant.None,
            };
            entry.Done();
        }

        var policy = new PluginPolicy(plugins, fields.Flag("onlyListed", false))
        {
            TrustedKeys = fields.Objects("trustedKeys").Select(Key).ToEquatableArray(),
            RequireSignature = fields.Flag("requireSignature", false),
        };
        if (policy is { RequireSignature: true, TrustedKeys.IsEmpty: true })
        {
            fields.Report("requireSignature", "Nobody's signature counts", "List public keys in trustedKeys");
        }

        fields.Done();
        return findings.IsUsable ? policy : null;
    }

    /// <summary>Why a plugin must not run, and what to do; null when it may.</summary>
    public (string Message, string Advice)? Refuses(PluginManifest manifest, string digest, string? signature)
    {
        if (!Plugins.TryGetValue(manifest.Id, out var grant))
        {
            if (OnlyListed)
            {
                return ("The operator's policy allows listed plugins only", $"Add plugins.{manifest.Id} to the policy file");
            }

            grant = new([], null, true);
        }

        if (!grant.Enabled)
        {
            return ("The operator's policy has disabled it", $"Remove enabled: false from plugins.{manifest.Id} in the policy file");
        }

        if (grant.Digest is { } pinned && !string.Equals(pinned, digest, StringComparison.Ordinal))
        {
            return ($"Its files have the digest {digest}, and the operator's policy allows {pinned} only", "Bring back the files that were reviewed, or review these and change the digest");
        }

        if (RefusesSignature(digest, signature) is { } refused)
        {
            return refused;
        }

        var missing = manifest.Capabilities.Except(grant.Grants).Select(FieldReader.Dashed).ToArray();
        return missing.Length == 0 ? null
            : ($"It asks for {string.Join(", ", missing)}, which nobody has granted", $"Add to plugins.{manifest.Id}.grants in the policy file, if you trust it with that");
    }

    /// <summary>Whom a plugin may have certificates issued for.</summary>
    public CertificateGrant CertificatesOf(string plugin) => Plugins.TryGetValue(plugin, out var grant) ? grant.Certificates : CertificateGrant.None;

    /// <summary>Who of those that count has signed it; null for nobody.</summary>
    public TrustedKey? Signer(string digest, string? signature)
        => signature is null ? null : TrustedKeys.FirstOrDefault(key => PluginSignature.Verifies(key.PublicKey, digest, signature));

    private (string Message, string Advice)? RefusesSignature(string digest, string? signature)
    {
        var names = string.Join(", ", TrustedKeys.Select(key => key.Name));
        return (TrustedKeys.IsEmpty, signature) switch
        {
            (true, _) => null,
            (_, null) => RequireSignature ? ($"It is not signed, and the operator's policy requires a signature by {names}", "Let its publisher sign it with osm plugin sign, after reviewing its files") : null,
            _ => Signer(digest, signature) is not null ? null
                : ($"Its signature in {PluginSignature.FileName} is none of these files by {names}", "Bring back the files that were signed, or trust the key that signed them, after reviewing them"),
        };
    }

    private static TrustedKey Key(FieldReader fields)
    {
        var name = fields.Text("name", required: "Say whose key it is") ?? "";
        var key = fields.Text("publicKey", required: "Write the public key in PEM") ?? "";
        if (key.Length > 0 && !PluginSignature.IsPublicKey(key))
        {
            fields.Report("publicKey", "This is no public EC key on P-256 in PEM", "Write the output of: openssl ec -in KEY -pubout");
        }

        fields.Done();
        return new(name, key);
    }
}

/// <summary>Somebody whose signatures count.</summary>
/// <param name="Name">For people.</param>
/// <param name="PublicKey">PEM.</param>
internal sealed record TrustedKey(string Name, string PublicKey);

/// <summary>What one plugin is allowed.</summary>
internal sealed record PluginGrant(EquatableArray<PluginCapability> Grants, string? Digest, bool Enabled)
{
    /// <summary>How its new versions come in force; null for all proxies at once.</summary>
    public RolloutPlan? Rollout { get; init; }

    /// <summary>Whom it may have certificates issued for.</summary>
    public CertificateGrant Certificates { get; init; } = CertificateGrant.None;
}
