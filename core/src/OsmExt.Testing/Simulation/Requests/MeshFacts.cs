using System.Collections.Immutable;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;

namespace OsmExt.Testing.Simulation.Requests;

/// <summary>What a mesh's policy says about a service port.</summary>
/// <param name="Matches">Conditions on requests to it or to where its traffic is split to.</param>
/// <param name="Text">All that is said, to compare.</param>
internal sealed record About(ImmutableArray<HttpRouteMatch> Matches, string Text);

/// <summary>A mesh's policy by service.</summary>
internal sealed class MeshFacts
{
    private readonly ILookup<(ServiceName, int), MeshService> _services;
    private readonly Dictionary<WorkloadIdentity, InboundPolicy> _inbound;

    public MeshFacts(Mesh mesh)
    {
        _services = mesh.Services.ToLookup(service => (service.Name, service.Port));
        _inbound = mesh.Inbound.ToDictionary(policy => policy.Identity);
    }

    /// <summary>What is said about a service port; nothing when the mesh has no such port.</summary>
    public About About(ServiceName name, int port)
    {
        var own = _services[(name, port)].ToArray();
        var behind = own.Concat(own.SelectMany(service => service.Backends.SelectMany(backend => _services[(backend.Service, backend.Port)]))).Distinct().ToArray();
        var policies = behind.SelectMany(service => service.Identities).Distinct().Order()
            .Select(identity => _inbound.GetValueOrDefault(identity)).OfType<InboundPolicy>().ToArray();
        ImmutableArray<HttpRouteMatch> matches =
        [
            .. own.SelectMany(service => service.RequestSplits.SelectMany(split => split.Matches))
                .Concat(policies.SelectMany(policy => policy.HttpRules.Select(rule => rule.Match))).Distinct(),
        ];
        return new(matches, string.Join('\n', behind.Select(service => service.ToString()).Concat(policies.Select(policy => policy.ToString()))));
    }
}
