using System.Net;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;
using OsmExt.Simulation;
using OsmExt.Simulation.Meshes;

namespace OsmExt.Testing.Simulation;

/// <summary>Says in one sentence which object decided, where it was read, and what change would reverse the decision.</summary>
internal static class Explanation
{
    public static string Of(Decision decision, ResourceSnapshot snapshot, Explained explained)
    {
        var (mesh, request) = explained;
        var (client, server) = (Accounts.OfPod(request.From, snapshot), Accounts.Behind(request, mesh, snapshot));
        var what = $"{request.From} {(decision.Verdict == Verdict.Allow ? "may" : "may not")} reach {request.Host}:{request.Port}";
        if (decision.Verdict == Verdict.Undecided)
        {
            return $"Whether {request.From} may reach {request.Host}:{request.Port} is undecided: {decision.Reason}.";
        }

        if (Deciding(decision, snapshot) is { } target)
        {
            return $"{what} because {target.Key}{Where(target, snapshot)} "
                + $"{(decision.Verdict == Verdict.Allow ? "lets it in" : "decides so")}; to reverse that, "
                + $"{(client is null ? "change its sources" : $"take ServiceAccount {client} out of its sources")}.";
        }

        if (decision.Verdict == Verdict.Allow && Contributed(decision, snapshot) is { } way)
        {
            return $"{what} because {way.Key}{Where(way, snapshot)} lets it; to reverse that, take it out there.";
        }

        var permissive = snapshot.All<MeshConfig>().FirstOrDefault();
        if (decision.Verdict == Verdict.Allow)
        {
            return mesh.Pods.Any(pod => pod.Proxy is not null) && permissive is not null && client is not null && server.Count > 0
                ? $"{what} because {permissive.Key}{Where(permissive, snapshot)} does not restrict it; "
                    + "to reverse that, turn off its permissive mode or egress and name who may call in TrafficTargets."
                : $"{what} because no proxy of the mesh stands in the way; to reverse that, bring the destination into the mesh.";
        }

        return $"{what}: {decision.Reason}; {Advice(snapshot, client, server)}.";
    }

    /// <summary>The objects an access rule was made from, as keys print them; none for any other element.</summary>
    public static IEnumerable<string> ObjectsOfPolicy(Step step)
        => step.Element == "RBAC policy" && step.Name.Split('|') is [var target, ..] parts && target.Split('/') is [var ns, var name]
            ? [
                new ResourceKey(nameof(TrafficTarget), ns, name).ToString(),
                .. parts.Skip(1).Take(1).SelectMany(rules => new[]
                {
                    new ResourceKey("HTTPRouteGroup", ns, rules).ToString(), new ResourceKey("TCPRoute", ns, rules).ToString(),
                }),
            ]
            : [];

    /// <summary>Where an object was read, in brackets; empty when it is not known.</summary>
    public static string Where(ResourceKey key, ResourceSnapshot snapshot)
        => snapshot.LocationOf(key) is { } location ? $" ({location.File}:{location.Line})" : "";

    // Policies are named after the objects they come from: NAMESPACE/TRAFFIC-TARGET|ROUTES|MATCH.
    private static TrafficTarget? Deciding(Decision decision, ResourceSnapshot snapshot)
    {
        var policy = decision.Path.LastOrDefault(step => step.Element == "RBAC policy")?.Name.Split('|')[0].Split('/');
        return policy is [var ns, var name] ? snapshot.Find<TrafficTarget>(new(nameof(TrafficTarget), ns, name)) : null;
    }

    // An object of a plugin's kind that brought an element on the way.
    private static PluginResource? Contributed(Decision decision, ResourceSnapshot snapshot)
        => snapshot.All<PluginResource>().FirstOrDefault(resource => decision.Path.Any(step => step.Element is "filter chain" or "virtual host" && step.Origins.Contains(resource.Key.ToString())));

    private static string Advice(ResourceSnapshot snapshot, string? client, IReadOnlyList<string> server)
    {
        if (client is null || server.Count == 0)
        {
            return "to reverse that, both sides must be pods of the mesh, behind a service with that port";
        }

        var targets = snapshot.All<TrafficTarget>().Where(target => server.Contains(Name(target.Destination, target))).ToArray();
        var naming = targets.FirstOrDefault(target => target.Sources.Any(source => Name(source, target) == client));
        return naming is not null
                ? $"{naming.Key}{Where(naming, snapshot)} names the client, so to reverse that, add a route that matches to {Rules(naming)}"
            : targets.Length > 0
                ? $"to reverse that, add ServiceAccount {client} to the sources of {targets[0].Key}{Where(targets[0], snapshot)}"
            : $"to reverse that, add a TrafficTarget with destination ServiceAccount {server[0]} and source ServiceAccount {client}";
    }

    private static string Rules(TrafficTarget target)
        => target.Rules.IsEmpty ? "its rules" : string.Join(" or ",
            target.Rules.Select(rule => $"{rule.Kind} {target.Metadata.Namespace}/{rule.Name}").Distinct());

    private static string Name(IdentityReference reference, TrafficTarget target)
        => $"{(reference.Namespace.Length > 0 ? reference.Namespace : target.Metadata.Namespace)}/{reference.Name}";

    private static string Where(Resource resource, ResourceSnapshot snapshot) => Where(resource.Key, snapshot);
}

/// <summary>Service accounts, as <c>NAMESPACE/NAME</c>.</summary>
internal static class Accounts
{
    /// <summary>Of a pod; null when there is no such pod.</summary>
    public static string? OfPod(string pod, ResourceSnapshot snapshot)
        => pod.Split('/') is [var ns, var name] && snapshot.Find<Pod>(new(nameof(Pod), ns, name)) is { } found
            ? $"{ns}/{found.ServiceAccount}" : null;

    /// <summary>Of the pods a request would be for, were nothing in the way.</summary>
    public static IReadOnlyList<string> Behind(RequestText request, SimulatedMesh mesh, ResourceSnapshot snapshot)
    {
        var ns = request.From.Split('/')[0];
        return [.. mesh.Resolve(request.Host, request.Port, ns)
            .SelectMany(address => mesh.ReceiversOf(new IPEndPoint(address, request.Port)))
            .Select(receiver => OfPod(receiver.Name, snapshot)).OfType<string>().Distinct(StringComparer.Ordinal)];
    }
}
