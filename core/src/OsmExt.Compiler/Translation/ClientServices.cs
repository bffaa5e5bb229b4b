using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// The services one client may call and whose clusters it needs, with all they were put together from: they are the same as long as these are, object for object.
/// </summary>
internal sealed class ClientServices
{
    private readonly IReadOnlyList<Piece> _pieces;

    private ClientServices(IReadOnlyList<Piece> pieces, ServiceSet reachable, ServiceSet clusters) => (_pieces, Reachable, Clusters) = (pieces, reachable, clusters);

    public ServiceSet Reachable { get; }

    public ServiceSet Clusters { get; }

    /// <param name="namespaces">The namespaces that the client may reach anything of, in order, and whom.</param>
    /// <param name="before">What it had before, from the same or another mesh; null for nothing.</param>
    public static ClientServices Of(IReadOnlyList<(NamespaceIndex Index, EquatableArray<WorkloadIdentity>? Destinations)> namespaces, ClientServices? before)
    {
        if (before is not null && namespaces.Count == before._pieces.Count && namespaces.Zip(before._pieces).All(pair => ReferenceEquals(pair.First.Index, pair.Second.Index) && pair.First.Destinations == pair.Second.Destinations))
        {
            return before;
        }

        var known = before?._pieces.ToDictionary<Piece, object>(piece => piece.Index, ReferenceEqualityComparer.Instance);
        List<Piece> pieces = [.. namespaces.Select(ns => known is not null && known.TryGetValue(ns.Index, out var same) && same.Destinations == ns.Destinations ? same
            : new Piece(ns.Index, ns.Destinations, ns.Destinations is { } whom ? ns.Index.ReachableBy(whom.AsSpan()) : ns.Index.Everything))];
        // Names of clusters begin with the namespace and a slash.
        var byCluster = pieces.OrderBy(piece => $"{piece.Index.Namespace}/", StringComparer.Ordinal);
        return new(pieces, ServiceSet.Of(pieces.SelectMany(piece => piece.Part.Reachable).ToEquatableArray(), before?.Reachable),
            ServiceSet.Of(byCluster.SelectMany(piece => piece.Part.Clusters).ToEquatableArray(), before?.Clusters));
    }

    // Whom of a namespace it may reach; null for everybody.
    private sealed record Piece(NamespaceIndex Index, EquatableArray<WorkloadIdentity>? Destinations, NamespaceIndex.Part Part);
}
