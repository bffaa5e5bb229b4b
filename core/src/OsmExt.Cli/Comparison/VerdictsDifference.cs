using System.Collections.Immutable;
using OsmExt.Compiler;
using OsmExt.Simulation.Meshes;
using OsmExt.Testing.Simulation;
using OsmExt.Testing.Simulation.Requests;

namespace OsmExt.Cli.Comparison;

/// <summary>Requests that come out differently, all in the same way and for the same reason.</summary>
/// <param name="From">The clients, each standing for all that are configured alike.</param>
/// <param name="To">Host, port and protocol.</param>
/// <param name="Before">What became of them.</param>
/// <param name="After">What would become of them.</param>
/// <param name="Because">The objects that differ and had a part in either decision; else why it is decided so now.</param>
/// <param name="Requests">The requests, from every one of the clients.</param>
internal sealed record VerdictChange(
    ImmutableArray<string> From, string To, Effect Before, Effect After, ImmutableArray<string> Because, ImmutableArray<RequestText> Requests);

/// <summary>Which requests out of a generated set would be decided otherwise.</summary>
/// <param name="Changes">The changes, grouped; those that let in or shut out first.</param>
/// <param name="Decided">How many requests were decided in both meshes.</param>
/// <param name="Generated">How many there are; more than were decided when the list was cut.</param>
/// <param name="OneSided">Pods whose requests are not compared, as they are on one side only.</param>
internal sealed record VerdictsDifference(ImmutableArray<VerdictChange> Changes, int Decided, long Generated, ImmutableArray<string> OneSided)
{
    public static VerdictsDifference Between(MeshSide before, MeshSide after, int most)
    {
        var requests = PolicyRequests.Of(before.Mesh, after.Mesh);
        var (old, now) = (CompiledMesh.From(before.Snapshot, before.Mesh), CompiledMesh.From(after.Snapshot, after.Mesh));
        var causes = new ChangedObjects(before, after);
        var decided = 0;
        var found = new List<(RequestText Request, Effect Before, Effect After, string Because)>();
        foreach (var request in most > 0 ? requests.Take(most) : [])
        {
            decided++;
            var (was, becomes) = (request.Decide(old, out _)!, request.Decide(now, out _)!);
            var (from, to) = (Effect.Of(was), Effect.Of(becomes));
            if (from != to)
            {
                found.Add((request, from, to, string.Join('\n', causes.Of(request, was, becomes))));
            }
        }

        return new(Group(found), decided, requests.Count, OneSidedOf(before.Mesh, after.Mesh));
    }

    // Requests of one client first; then clients whose requests change in the same way.
    private static ImmutableArray<VerdictChange> Group(IEnumerable<(RequestText Request, Effect Before, Effect After, string Because)> found) =>
    [
        .. found.GroupBy(change => (change.Request.From, To: To(change.Request), change.Before, change.After, change.Because))
            .Select(group => (group.Key, Requests: group.Select(change => change.Request with { From = "" }).ToImmutableArray()))
            .GroupBy(group => (group.Key.To, group.Key.Before, group.Key.After, group.Key.Because,
                Requests: string.Join('\n', group.Requests.Select(request => RequestLine.Of(request)))))
            .Select(alike => new VerdictChange(
                [.. alike.Select(group => group.Key.From).Order(StringComparer.Ordinal)], alike.Key.To, alike.Key.Before, alike.Key.After,
                [.. alike.Key.Because.Split('\n')], alike.First().Requests))
            .OrderBy(change => change.Before.Word == change.After.Word)
            .ThenBy(change => change.To, StringComparer.Ordinal).ThenBy(change => change.From[0], StringComparer.Ordinal)
            .ThenBy(change => change.Before.ToString(), StringComparer.Ordinal).ThenBy(change => change.After.ToString(), StringComparer.Ordinal),
    ];

    private static string To(RequestText request)
        => FormattableString.Invariant($"{request.Host}:{request.Port} {request.Protocol.ToString().ToLowerInvariant()}");

    private static ImmutableArray<string> OneSidedOf(OfflineMesh before, OfflineMesh after)
    {
        var (old, now) = (before.Proxies.All.Select(proxy => proxy.Pod).ToHashSet(), after.Proxies.All.Select(proxy => proxy.Pod).ToHashSet());
        old.SymmetricExceptWith(now);
        return [.. old.Order().Select(pod => $"{pod.Namespace}/{pod.Name}")];
    }
}
