using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Identity.Roots;

/// <summary>Where a change of roots has got to: which root does what at this moment, by the names of their objects.</summary>
/// <param name="Signing">Issues the certificates of workloads and proxies.</param>
/// <param name="Trusted">What workloads are told to believe; sorted.</param>
/// <param name="XdsServer">Issues the xDS port's own certificate.</param>
/// <param name="XdsTrusted">What is believed on the xDS port: at least what is in <paramref name="Trusted"/>; sorted.</param>
/// <param name="Domains">Which trust domain counts where.</param>
internal sealed record RootState(
    string Signing, EquatableArray<string> Trusted, string XdsServer, EquatableArray<string> XdsTrusted, DomainState Domains)
{
    private const string Default = MeshRootCertificate.DefaultName;

    /// <summary>Of a mesh that has just been made.</summary>
    public static RootState Initial(string trustDomain) => new(Default, [Default], Default, [Default], DomainState.Only(trustDomain));

    /// <summary>All roots that do anything.</summary>
    public IEnumerable<string> All => Trusted.Concat(XdsTrusted).Append(Signing).Append(XdsServer).Distinct(StringComparer.Ordinal);
}
