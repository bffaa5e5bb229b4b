using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Contributions;

/// <summary>What somebody outside the mesh is to have in a Secret; allowed by the operator, and nobody else's.</summary>
/// <param name="Secret">The Secret.</param>
/// <param name="Identity">Whose identity it proves; null for none.</param>
/// <param name="DnsNames">Names it carries.</param>
/// <param name="Usages">Which side of TLS it is for; empty for the roots alone.</param>
/// <param name="Validity">How long it is valid.</param>
internal sealed record OutsiderCertificate(ObjectName Secret, WorkloadIdentity? Identity, EquatableArray<string> DnsNames, EquatableArray<CertificateUsage> Usages, TimeSpan Validity)
{
    /// <summary>The plugin that asks for it; empty for the mesh itself.</summary>
    public string Plugin { get; init; } = "";

    /// <summary>The object it is for.</summary>
    public ResourceKey? Origin { get; init; }

    public bool RootsOnly => Usages.IsEmpty;
}
