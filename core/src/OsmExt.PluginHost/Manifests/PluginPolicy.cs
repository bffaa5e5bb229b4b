using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Manifests;

/// <summary>What the operator allows. Nothing is granted that is not written.</summary>
/// <param name="Plugins">By id.</param>
/// <param name="OnlyListed">Whether plugins that are not listed are refused.</param>
internal sealed record PluginPolicy(IReadOnlyDictionary<string, PluginGrant> Plugins, bool OnlyListed = false)
{
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
            plugins[id] = new(entry.Words<PluginCapability>("grants").ToEquatableArray(), entry.Text("digest"), entry.Flag("enabled", true));
            entry.Done();
        }

        var policy = new PluginPolicy(plugins, fields.Flag("onlyListed", false));
        fields.Done();
        return findings.IsUsable ? policy : null;
    }

    /// <summary>Why a plugin must not run, and what to do; null when it may.</summary>
    public (string Message, string Advice)? Refuses(PluginManifest manifest, string digest)
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

        var missing = manifest.Capabilities.Except(grant.Grants).Select(FieldReader.Dashed).ToArray();
        return missing.Length == 0 ? null
            : ($"It asks for {string.Join(", ", missing)}, which nobody has granted", $"Add to plugins.{manifest.Id}.grants in the policy file, if you trust it with that");
    }
}

/// <summary>What one plugin is allowed.</summary>
internal sealed record PluginGrant(EquatableArray<PluginCapability> Grants, string? Digest, bool Enabled);
