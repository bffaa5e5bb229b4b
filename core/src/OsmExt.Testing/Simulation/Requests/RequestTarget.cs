using System.Collections.Immutable;
using OsmExt.Sdk.Ir;
using OsmExt.Simulation;

namespace OsmExt.Testing.Simulation.Requests;

/// <summary>A service port to call, and what to ask there.</summary>
/// <param name="Host">The service, as a client names it.</param>
/// <param name="Port">The port.</param>
/// <param name="Protocol">What is spoken there.</param>
/// <param name="Examples">What to ask, the plain request first.</param>
/// <param name="Changed">Whether the policy about it is not the same in all meshes.</param>
internal sealed record RequestTarget(string Host, int Port, SimulatedProtocol Protocol, ImmutableArray<RequestExample> Examples, bool Changed)
{
    /// <summary>The targets of some meshes: every service port any of them has, with the conditions of all of them.</summary>
    public static ImmutableArray<RequestTarget> Of(params IReadOnlyList<Mesh> meshes)
    {
        var changedSettings = meshes.Select(mesh => mesh.Settings).Distinct().Count() > 1;
        var facts = meshes.Select(mesh => new MeshFacts(mesh)).ToArray();
        return
        [
            .. meshes.SelectMany(mesh => mesh.Services)
                .Select(service => (service.Name, service.Port, Protocol: ProtocolOf(service.Protocol))).Distinct()
                .OrderBy(target => target.Name).ThenBy(target => target.Port).ThenBy(target => target.Protocol)
                .Select(target =>
                {
                    var abouts = facts.Select(mesh => mesh.About(target.Name, target.Port)).ToArray();
                    return new RequestTarget(HostOf(target.Name), target.Port, target.Protocol, ExamplesOf(target.Name, target.Protocol, abouts),
                        changedSettings || abouts.Select(about => about.Text).Distinct(StringComparer.Ordinal).Count() > 1);
                }),
        ];
    }

    private static ImmutableArray<RequestExample> ExamplesOf(ServiceName name, SimulatedProtocol protocol, IEnumerable<About> abouts)
    {
        if (protocol == SimulatedProtocol.Tcp)
        {
            return [RequestExample.Plain];
        }

        var hosts = new[] { HostOf(name), name.Fqdn };
        var examples = abouts.SelectMany(about => about.Matches).Distinct().SelectMany(match => MatchExamples.Of(match, hosts));
        return [.. examples.Prepend(RequestExample.Plain)
            .Select(example => protocol == SimulatedProtocol.Grpc && example == RequestExample.Plain ? example with { Method = "POST" } : example)
            .DistinctBy(example => example.ToString(), StringComparer.Ordinal)];
    }

    private static string HostOf(ServiceName name) => $"{name.Local}.{name.Namespace}";

    private static SimulatedProtocol ProtocolOf(AppProtocol protocol) => protocol switch
    {
        AppProtocol.Grpc => SimulatedProtocol.Grpc,
        AppProtocol.Tcp or AppProtocol.TcpServerFirst => SimulatedProtocol.Tcp,
        _ => SimulatedProtocol.Http,
    };
}
