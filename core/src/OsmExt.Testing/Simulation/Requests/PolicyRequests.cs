using System.Collections.Immutable;
using OsmExt.Compiler;
using OsmExt.Sdk.Ir;
using OsmExt.Simulation;
using OsmExt.Simulation.Meshes;

namespace OsmExt.Testing.Simulation.Requests;

/// <summary>
/// The requests that tell meshes apart: from every kind of client that all of them have and from one without an identity, to every service
/// port that any of them has, with examples that meet each condition and examples that just miss it. The same meshes give the same requests in
/// the same order: first where the policy is not the same, and what is plain before what is particular.
/// </summary>
internal sealed class PolicyRequests
{
    /// <summary>A client without any identity.</summary>
    public const string Stranger = "192.0.2.2";

    private PolicyRequests(ImmutableArray<string> clients, ImmutableArray<RequestTarget> targets)
    {
        Clients = clients;
        Targets = targets;
    }

    /// <summary>The clients: one pod for all that are configured alike, and <see cref="Stranger"/>.</summary>
    public ImmutableArray<string> Clients { get; }

    public ImmutableArray<RequestTarget> Targets { get; }

    /// <summary>How many requests there are.</summary>
    public long Count => Targets.Sum(target => (long)target.Examples.Length) * Clients.Length;

    public static PolicyRequests Of(params IReadOnlyList<OfflineMesh> meshes)
    {
        var clients = meshes[0].Proxies.All
            .Where(proxy => meshes.All(mesh => mesh.Proxies.Find(proxy.Pod) is not null))
            .DistinctBy(proxy => string.Join('\n', meshes.Select(mesh => Kind(mesh.Proxies.Find(proxy.Pod)!))), StringComparer.Ordinal)
            .Select(proxy => $"{proxy.Pod.Namespace}/{proxy.Pod.Name}");
        return new([.. clients, Stranger], RequestTarget.Of([.. meshes.Select(mesh => mesh.Mesh)]));
    }

    /// <summary>The first of them.</summary>
    /// <param name="most">At most this many.</param>
    public IEnumerable<RequestText> Take(int most)
        => Of(Targets.Where(target => target.Changed)).Concat(Of(Targets.Where(target => !target.Changed))).Take(most);

    private IEnumerable<RequestText> Of(IEnumerable<RequestTarget> some)
    {
        var targets = some.ToArray();
        var deepest = targets.Select(target => target.Examples.Length).DefaultIfEmpty().Max();
        return from index in Enumerable.Range(0, deepest)
            from target in targets
            where index < target.Examples.Length
            from client in Clients
            select Request(client, target, target.Examples[index]);
    }

    private static RequestText Request(string client, RequestTarget target, RequestExample example)
    {
        var request = new RequestText(client, target.Host, target.Port) { Protocol = target.Protocol };
        return target.Protocol == SimulatedProtocol.Tcp ? request
            : request with { Method = example.Method, Path = example.Path, Headers = example.Headers };
    }

    private static string Kind(Proxy proxy) => $"{proxy.Identity.Workload} {string.Join(' ', proxy.Services)} {proxy.IPv4} {proxy.IPv6}";
}
