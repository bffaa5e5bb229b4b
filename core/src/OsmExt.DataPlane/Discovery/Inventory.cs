using System.Collections.Immutable;
using Envoy.Config.Route.V3;
using OsmExt.Envoy;

namespace OsmExt.DataPlane.Discovery;

/// <summary>A resource that was accepted.</summary>
/// <param name="Resource">The resource; its version is the control plane's.</param>
/// <param name="Updated">When it came.</param>
internal sealed record Accepted(XdsResource Resource, DateTimeOffset Updated);

/// <summary>A version of a resource that was refused.</summary>
/// <param name="Version">The version.</param>
/// <param name="Reason">Why.</param>
/// <param name="At">When.</param>
internal sealed record Refused(string Version, string Reason, DateTimeOffset At);

/// <summary>
/// Everything the control plane has said, and what of it is in force. A listener or cluster is in force only when all it refers to is there;
/// until then the one before it stays, with all that that one refers to.
/// </summary>
internal sealed record Inventory
{
    private static readonly ImmutableSortedDictionary<string, Accepted> None = ImmutableSortedDictionary<string, Accepted>.Empty.WithComparers(StringComparer.Ordinal);

    public static Inventory Empty { get; } = new();

    /// <summary>The newest that was accepted, by type and name.</summary>
    public ImmutableDictionary<string, ImmutableSortedDictionary<string, Accepted>> Newest { get; private init; }
        = ImmutableDictionary<string, ImmutableSortedDictionary<string, Accepted>>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Listeners and clusters that are in force, by type and name.</summary>
    public ImmutableDictionary<string, ImmutableSortedDictionary<string, Accepted>> Active { get; private init; }
        = ImmutableDictionary<string, ImmutableSortedDictionary<string, Accepted>>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Whether anything is in force for traffic yet.</summary>
    public bool IsLive { get; init; }

    /// <summary>What was refused last, until a version of it is accepted.</summary>
    public ImmutableDictionary<Reference, Refused> Refusals { get; private init; } = ImmutableDictionary<Reference, Refused>.Empty;

    /// <summary>What the control plane has said it does not have.</summary>
    public ImmutableHashSet<Reference> Absent { get; private init; } = [];

    /// <summary>Types that have been answered at least once.</summary>
    public ImmutableHashSet<string> Answered { get; private init; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, Accepted> Of(string typeUrl) => Newest.GetValueOrDefault(typeUrl, None);

    public ImmutableSortedDictionary<string, Accepted> InForce(string typeUrl) => Active.GetValueOrDefault(typeUrl, None);

    /// <summary>Listeners or clusters that wait for something.</summary>
    public IEnumerable<Accepted> Warming(string typeUrl)
        => Of(typeUrl).Values.Where(newest => !ReferenceEquals(InForce(typeUrl).GetValueOrDefault(newest.Resource.Name), newest));

    /// <summary>What a listener or cluster still waits for.</summary>
    public IEnumerable<Reference> MissingOf(XdsResource resource)
    {
        // Where something older works it goes on until all of the new is there. Where nothing does, what was refused is not waited for, nor, at
        // the start, what does not exist: as in Envoy the rest is served without it.
        var isFirst = !InForce(resource.TypeUrl).ContainsKey(resource.Name);
        return References.Of(resource.Message).Where(reference => Of(reference.TypeUrl).GetValueOrDefault(reference.Name) is { } held
            ? !HasHosts(held.Resource) : !isFirst || !(Refusals.ContainsKey(reference) || (!IsLive && Absent.Contains(reference))));
    }

    // Hosts that come by themselves follow their route configuration.
    private bool HasHosts(XdsResource routes) => routes.Message is not RouteConfiguration { Vhds: not null }
        || (!IsLive ? Answered.Contains(TypeUrls.VirtualHost) : Of(TypeUrls.VirtualHost).Keys.Any(host => SeparateHosts.RoutesOf(host) == routes.Name));

    /// <summary>Whether all listeners and clusters are known and nothing waits: what a proxy must have before it opens its doors.</summary>
    public bool IsComplete => Answered.Contains(TypeUrls.Cluster) && Answered.Contains(TypeUrls.Listener)
        && !Warming(TypeUrls.Cluster).Any() && !Warming(TypeUrls.Listener).Any();

    /// <summary>Whether traffic is served by the same resources.</summary>
    public bool CarriesOutSameAs(Inventory other)
        => ReferenceEquals(Active, other.Active)
            && new[] { TypeUrls.Endpoint, TypeUrls.Route, TypeUrls.VirtualHost, TypeUrls.Secret }.All(type => ReferenceEquals(Of(type), other.Of(type)));

    /// <summary>The names of a type that the others ask for, sorted.</summary>
    public ImmutableSortedSet<string> Wanted(string typeUrl)
    {
        var wanted = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var holder in new[] { TypeUrls.Cluster, TypeUrls.Listener }.SelectMany(type => Of(type).Values.Concat(InForce(type).Values)))
        {
            wanted.UnionWith(References.Of(holder.Resource.Message).Where(reference => reference.TypeUrl == typeUrl).Select(reference => reference.Name));
        }

        return wanted.ToImmutable();
    }

    /// <summary>The same with what a response brings. Nothing comes into force by it: see <see cref="Warmed"/>.</summary>
    public Inventory With(string typeUrl, IReadOnlyCollection<XdsResource> accepted, IReadOnlyCollection<string> removed, DateTimeOffset now)
    {
        var held = Of(typeUrl).SetItems(accepted.Select(resource => KeyValuePair.Create(resource.Name, new Accepted(resource, now))));

        // As in Envoy, routes, endpoints and secrets that somebody refers to are not given up because the control plane has none now: without
        // them a listener that works would cease to.
        var isWhole = typeUrl is TypeUrls.Cluster or TypeUrls.Listener or TypeUrls.VirtualHost;
        var gone = isWhole ? removed : [];
        return this with
        {
            Newest = Newest.SetItem(typeUrl, held.RemoveRange(gone)),
            Active = Active.TryGetValue(typeUrl, out var active) && gone.Any(active.ContainsKey) ? Active.SetItem(typeUrl, active.RemoveRange(gone)) : Active,
            Answered = Answered.Add(typeUrl),
            Absent = Absent.Except(accepted.Select(resource => new Reference(typeUrl, resource.Name))).Union(removed.Where(_ => !isWhole).Select(name => new Reference(typeUrl, name))),
            Refusals = Refusals.RemoveRange(accepted.Select(resource => resource.Name).Concat(removed).Select(name => new Reference(typeUrl, name))),
        };
    }

    /// <summary>The same with versions that are refused.</summary>
    public Inventory Without(string typeUrl, IEnumerable<(string Name, string Version, string Reason)> refused, DateTimeOffset now) => this with
    {
        Refusals = Refusals.SetItems(refused.Select(item => KeyValuePair.Create(new Reference(typeUrl, item.Name), new Refused(item.Version, item.Reason, now)))),
    };

    /// <summary>The same with everything in force that has what it needs.</summary>
    public Inventory Warmed()
    {
        var active = Active;
        foreach (var type in new[] { TypeUrls.Cluster, TypeUrls.Listener })
        {
            var ready = Warming(type).Where(waiting => !MissingOf(waiting.Resource).Any()).ToArray();
            if (ready.Length > 0)
            {
                active = active.SetItem(type, InForce(type).SetItems(ready.Select(item => KeyValuePair.Create(item.Resource.Name, item))));
            }
        }

        return ReferenceEquals(active, Active) ? this : this with { Active = active };
    }

    /// <summary>The same without what nobody refers to any more.</summary>
    public Inventory Swept(string typeUrl, ImmutableSortedSet<string> wanted)
    {
        var held = Of(typeUrl);
        var idle = held.Keys.Where(name => !wanted.Contains(name)).ToArray();
        bool IsIdle(Reference reference) => reference.TypeUrl == typeUrl && !wanted.Contains(reference.Name);
        return idle.Length == 0 && !Absent.Any(IsIdle) && !Refusals.Keys.Any(IsIdle) ? this : this with
        {
            Newest = Newest.SetItem(typeUrl, held.RemoveRange(idle)),
            Absent = Absent.Except(Absent.Where(IsIdle)),
            Refusals = Refusals.RemoveRange(Refusals.Keys.Where(IsIdle)),
        };
    }
}
