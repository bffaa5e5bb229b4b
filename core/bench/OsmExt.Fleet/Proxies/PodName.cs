using OsmExt.Compiler;
using OsmExt.Compiler.Policy;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Resources;

namespace OsmExt.Fleet.Proxies;

/// <summary>A pod with a sidecar, written <c>NAMESPACE/NAME/SERVICE-ACCOUNT</c> between processes.</summary>
internal sealed record PodName(string Namespace, string Name, string ServiceAccount)
{
    /// <summary>What the control plane calls its proxy.</summary>
    public string ProxyId => $"{Namespace}/{Name}";

    public ProxyIdentity Identity => MeshProxies.IdentityOf(new Pod(new(Namespace, Name)) { ServiceAccount = ServiceAccount }, new CompilerOptions());

    public static PodName Of(Pod pod) => new(pod.Metadata.Namespace, pod.Metadata.Name, pod.ServiceAccount);

    public static PodName Parse(string text)
    {
        var parts = text.Split('/');
        return new(parts[0], parts[1], parts[2]);
    }

    public override string ToString() => $"{Namespace}/{Name}/{ServiceAccount}";
}
