using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using OsmExt.DataPlane.Checks;
using OsmExt.Envoy;

namespace OsmExt.DataPlane.Discovery;

/// <summary>Reads the resources of a response, and decides which can be carried out to the letter.</summary>
/// <param name="check">The checks.</param>
internal sealed class ResourceReader(ResourceCheck check)
{
    /// <summary>A resource that came, and why it is refused; empty when it is not.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Version">Its version.</param>
    /// <param name="Accepted">The resource; null when it is refused.</param>
    /// <param name="Reasons">Each with the path of the field.</param>
    public sealed record Verdict(string Name, string Version, XdsResource? Accepted, IReadOnlyList<string> Reasons);

    public IReadOnlyList<Verdict> Read(DeltaDiscoveryResponse response)
    {
        var twice = response.Resources.GroupBy(resource => resource.Name, StringComparer.Ordinal).Where(group => group.Count() > 1)
            .Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        return [.. response.Resources.Select(resource => twice.Contains(resource.Name)
            ? new Verdict(resource.Name, resource.Version, null, ["it is in the response twice"])
            : Judge(resource, response.TypeUrl))];
    }

    private Verdict Judge(Resource resource, string typeUrl)
    {
        IReadOnlyList<string> reasons;
        var message = resource.Resource_ is null ? null : EnvoyTypes.Unpack(resource.Resource_);
        if (message is null || !string.Equals(resource.Resource_!.TypeUrl, typeUrl, StringComparison.Ordinal))
        {
            reasons = [$"it is no {typeUrl}"];
        }
        else if (NameOf(message) is { } own && !string.Equals(own, resource.Name, StringComparison.Ordinal))
        {
            reasons = [$"name: is {own} within it"];
        }
        else
        {
            reasons = check.Reasons(message);
        }

        return new(resource.Name, resource.Version, reasons.Count > 0 ? null : XdsResource.Create(message!, resource.Name, version: resource.Version), reasons);
    }

    // A virtual host that comes by itself is called after its route configuration as well.
    private static string? NameOf(IMessage message) => message switch
    {
        Listener listener => listener.Name,
        Cluster cluster => cluster.Name,
        RouteConfiguration routes => routes.Name,
        ClusterLoadAssignment endpoints => endpoints.ClusterName,
        Secret secret => secret.Name,
        _ => null,
    };
}
