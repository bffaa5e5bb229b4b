using System.Runtime.CompilerServices;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// Finds the services that may share a host name with another, without comparing all host names of a large mesh. Names of one
/// kind never meet: they are NAME, NAME.NAMESPACE, NAME.NAMESPACE.svc and so on, where neither has a dot, so the number of dots
/// says which form it is. Only pods of headless services (POD.NAME) and names Kubernetes would not allow can be taken for one.
/// </summary>
internal static class ContestedNames
{
    // Scopes of one mesh ask about the same services.
    private static readonly ConditionalWeakTable<MeshService[], MeshService[]> Suspects = [];

    /// <summary>Every service that another one of the port may share a name with, and perhaps a few more.</summary>
    public static IReadOnlySet<MeshService> Among(MeshService[] services, string clientNamespace)
    {
        var contested = Suspects.GetValue(services, static all => [.. all.Where(service => !HostNames.ArePlain(service.Name))]).ToHashSet<MeshService>(ReferenceEqualityComparer.Instance);
        if (contested.Count > 0)
        {
            var meant = contested.SelectMany(service => HostNames.Of(service.Name, service.Port, local: true))
                .Select(name => Meant(name, clientNamespace)).ToHashSet();
            contested.UnionWith(services.Where(service => meant.Contains((service.Name.Name, service.Name.Namespace))));
        }

        return contested;
    }

    // A service in OSM's sense has its name and namespace in the first two labels; a bare name is one of the client's namespace.
    private static (string Name, string Namespace) Meant(string host, string clientNamespace)
    {
        var labels = host.ToLowerInvariant().Split(':')[0].Split('.');
        return (labels[0], labels.Length > 1 ? labels[1] : clientNamespace);
    }
}
