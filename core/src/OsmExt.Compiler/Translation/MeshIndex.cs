using System.Collections.Concurrent;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// A mesh with the look-ups that translation needs, so that the cost of a proxy follows what it may reach and not the mesh's size. Made beside an earlier one it shares
/// the look-ups of every namespace whose services are the same objects as there.
/// </summary>
internal sealed class MeshIndex
{
    private readonly NamespaceIndex[] _namespaces;
    private readonly Dictionary<string, NamespaceIndex> _byNamespace;

    // What was put together for clients, here or for an earlier mesh. Each is looked through before it is used again, so that it does not matter which.
    private readonly ConcurrentDictionary<WorkloadIdentity, ClientServices> _clients;

    public MeshIndex(Mesh mesh, MeshIndex? before = null)
    {
        Mesh = mesh;
        _namespaces = before is not null && before.Mesh.Services.AsSpan().SequenceEqual(mesh.Services.AsSpan(), ReferenceEqualityComparer.Instance)
            ? before._namespaces
            : [.. Split(mesh.Services, before)];
        _byNamespace = before is not null && ReferenceEquals(before._namespaces, _namespaces) ? before._byNamespace : _namespaces.ToDictionary(ns => ns.Namespace, StringComparer.Ordinal);
        // Clients come and go; what is kept for those that went goes once in a while.
        _clients = before is not null && before._clients.Count <= (2 * mesh.Outbound.Count) + 100 ? before._clients : [];
    }

    public Mesh Mesh { get; }

    /// <summary>The namespaces that have services, in order. An index shares with an earlier one those that are the same.</summary>
    public IReadOnlyList<NamespaceIndex> Namespaces => _namespaces;

    /// <summary>Which requests of a client are tried again, sorted by service.</summary>
    public EquatableArray<RetryRule> Retries(WorkloadIdentity client)
    {
        var all = Mesh.Retries.AsSpan();
        var start = Sorted.FirstAtLeast(all, client, static (rule, of) => rule.Client.CompareTo(of));
        var end = start;
        while (end < all.Length && all[end].Client == client)
        {
            end++;
        }

        return EquatableArray.Create(all[start..end]);
    }

    /// <summary>The ports of a service, in order.</summary>
    public IReadOnlyList<MeshService> Named(ServiceName name) => _byNamespace.TryGetValue(name.Namespace, out var ns) ? ns.Named(name).ToArray() : [];

    /// <summary>What an identity accepts; nothing when no rule names it.</summary>
    public InboundPolicy Accepts(WorkloadIdentity identity)
    {
        var at = Sorted.FirstAtLeast(Mesh.Inbound.AsSpan(), identity, static (policy, of) => policy.Identity.CompareTo(of));
        return at < Mesh.Inbound.Count && Mesh.Inbound[at].Identity == identity ? Mesh.Inbound[at] : new(identity);
    }

    /// <summary>Whom a client may reach, sorted; empty in permissive mode, where nobody asks.</summary>
    public EquatableArray<WorkloadIdentity> Destinations(WorkloadIdentity client)
    {
        var at = Mesh.Settings.Permissive ? Mesh.Outbound.Count : Sorted.FirstAtLeast(Mesh.Outbound.AsSpan(), client, static (policy, of) => policy.Identity.CompareTo(of));
        return at < Mesh.Outbound.Count && Mesh.Outbound[at].Identity == client ? Mesh.Outbound[at].Destinations : [];
    }

    /// <summary>
    /// The services a client may call, sorted: those of the identities it may reach, and every root whose split leads to one of them. And those whose clusters it needs:
    /// these, and the backends their splits name even where it may not call them itself; those stay without endpoints, so that a share the client may not use fails visibly.
    /// </summary>
    public ClientServices ServicesFor(WorkloadIdentity client)
    {
        // Whoever may reach everybody is like all others.
        var filedUnder = Mesh.Settings.Permissive ? Everybody : client;
        var before = _clients.GetValueOrDefault(filedUnder);
        var now = ClientServices.Of(Mesh.Settings.Permissive ? [.. _namespaces.Select(ns => (ns, (EquatableArray<WorkloadIdentity>?)null))] : Reached(Destinations(client)), before);
        if (!ReferenceEquals(now, before))
        {
            _clients[filedUnder] = now;
        }

        return now;
    }

    private static readonly WorkloadIdentity Everybody = new("", "", "");

    private List<(NamespaceIndex, EquatableArray<WorkloadIdentity>?)> Reached(EquatableArray<WorkloadIdentity> destinations)
    {
        var reached = new List<(NamespaceIndex, EquatableArray<WorkloadIdentity>?)>();
        var all = destinations.AsSpan();
        while (!all.IsEmpty)
        {
            var (ns, count) = (all[0].Namespace, 1);
            while (count < all.Length && string.Equals(all[count].Namespace, ns, StringComparison.Ordinal))
            {
                count++;
            }

            if (_byNamespace.TryGetValue(ns, out var index))
            {
                reached.Add((index, EquatableArray.Create(all[..count])));
            }

            all = all[count..];
        }

        return reached;
    }

    // Services are sorted by namespace first.
    private static IEnumerable<NamespaceIndex> Split(EquatableArray<MeshService> services, MeshIndex? before)
    {
        for (var start = 0; start < services.Count;)
        {
            var (ns, end) = (services[start].Name.Namespace, start + 1);
            while (end < services.Count && string.Equals(services[end].Name.Namespace, ns, StringComparison.Ordinal))
            {
                end++;
            }

            var known = before?._byNamespace.GetValueOrDefault(ns);
            yield return known is not null && services.AsSpan()[start..end].SequenceEqual(known.Services, ReferenceEqualityComparer.Instance) ? known : new(services.AsSpan()[start..end].ToArray());
            start = end;
        }
    }
}
