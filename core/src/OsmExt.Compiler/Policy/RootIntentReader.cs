using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>
/// Finds out which roots the mesh shall have. Whatever is doubtful changes nothing: the roots in force stay, since taking one away
/// by mistake would cut connections.
/// </summary>
internal static class RootIntentReader
{
    // More than two at a time is more than a rotation needs, and every handshake carries the price.
    private const int MostInUse = 2;

    public static RootIntent? Read(ResourceSnapshot snapshot, CompilerOptions options, DiagnosticBag diagnostics)
    {
        var mine = snapshot.All<MeshRootCertificate>().ToLookup(root => root.Metadata.Namespace == options.OsmNamespace);
        foreach (var other in mine[false])
        {
            diagnostics.Warning(DiagnosticCodes.IgnoredObject, other, "metadata.namespace",
                "it is not in the control plane's namespace and has no effect", $"Put it in namespace {options.OsmNamespace}");
        }

        var wanted = mine[true].Where(root => root.Role is not RootRole.Inactive).ToArray();
        if (wanted.Length == 0)
        {
            return mine[true].FirstOrDefault() is { } inactive
                ? Stay(inactive, "spec.role", "all roots are inactive", "Make one of them active")
                : null;
        }

        // All of them are looked at, so that all findings are said at once.
        if (wanted.Where(root => IsUsable(root, diagnostics)).ToArray().Length < wanted.Length)
        {
            return null;
        }

        if (wanted.Length > MostInUse)
        {
            return Stay(wanted[^1], "spec.role", $"more than {MostInUse} roots are active or passive", "Make the others inactive, or delete them");
        }

        if (wanted.All(root => root.Role is RootRole.Passive))
        {
            return Stay(wanted[0], "spec.role", "no root is active", "Make one of them active");
        }

        return new(Names(RootRole.Active), Names(RootRole.Passive),
            [.. wanted.Select(root => new RootDomain(root.Metadata.Name, root.TrustDomain)).OrderBy(root => root.Root, StringComparer.Ordinal)]);

        EquatableArray<string> Names(RootRole role) => [.. wanted.Where(root => root.Role == role).Select(root => root.Metadata.Name)];

        RootIntent? Stay(MeshRootCertificate about, string field, string message, string advice)
        {
            diagnostics.Error(DiagnosticCodes.RootNotUsed, about, field, $"{message}, so the roots in force stay", advice);
            return null;
        }
    }

    private static bool IsUsable(MeshRootCertificate root, DiagnosticBag diagnostics)
    {
        if (root.Provider is not RootProvider.BuiltIn)
        {
            var issuer = root.Provider is RootProvider.Vault ? "Vault" : "cert-manager";
            diagnostics.Error(DiagnosticCodes.RootNotUsed, root, "spec.provider",
                $"the mesh cannot have certificates issued by {issuer}, so the roots in force stay", "Use tresor");
            return false;
        }

        return true;
    }
}
