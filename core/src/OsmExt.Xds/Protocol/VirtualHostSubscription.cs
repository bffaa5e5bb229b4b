using OsmExt.Envoy;
using OsmExt.Xds.Snapshots;

namespace OsmExt.Xds.Protocol;

/// <summary>
/// Virtual hosts that are resources of their own (VHDS), called <c>ROUTE-CONFIGURATION/HOST</c>. Envoy asks once for all of them,
/// gives each to the route configuration it names, drops without a word what it has no route configuration for, and forgets all
/// of a route configuration's together with it. So they go to the client only while it has that route configuration for certain.
/// </summary>
internal sealed class VirtualHostSubscription(StreamContext context, TypeSubscription routes) : PartialSubscription(TypeUrls.VirtualHost, context)
{
    private readonly HashSet<string> _places = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _goingWithUpdates = [];

    public override RequestOutcome Handle(TypeRequest request, XdsView? view)
    {
        // What it says it kept of a route configuration it does not have, it did not keep.
        var believed = Begun || !routes.Begun ? request : request with { InitialVersions = Placed(request.InitialVersions) };
        var outcome = base.Handle(believed, view);
        if (outcome.Case is RequestCase.Nack)
        {
            KeepAll(_goingWithUpdates, view);
        }

        _goingWithUpdates = outcome.Case is RequestCase.Ack or RequestCase.Nack ? [] : _goingWithUpdates;
        return outcome;
    }

    /// <summary>What a request about route configurations says about their virtual hosts.</summary>
    /// <param name="request">The request, handled already.</param>
    /// <param name="first">Whether it was the first about route configurations.</param>
    /// <param name="accepted">The response it accepted, if it did.</param>
    /// <param name="view">What there is.</param>
    public void RoutesRequested(TypeRequest request, bool first, InFlight? accepted, XdsView? view)
    {
        foreach (var name in request.Subscribe.Concat(request.Unsubscribe).Where(name => !request.InitialVersions.ContainsKey(name)))
        {
            Lose(name);
        }

        foreach (var name in first ? request.InitialVersions.Keys : [])
        {
            Gain(name, view, long.MaxValue);
        }

        foreach (var configuration in accepted?.Changed ?? [])
        {
            Gain(configuration.Name, view, accepted!.Revision);
        }
    }

    /// <summary>
    /// Envoy removes before it adds, but only within one response: where a domain goes from one host to another it would refuse the
    /// latter if the former were removed later. Nothing refers to a virtual host, so its removal needs no turn of its own.
    /// </summary>
    public override XdsResponse? Update(XdsView view)
    {
        var going = Pending.Removals.Order(StringComparer.Ordinal).ToList();
        if (base.Update(view) is not { } response)
        {
            return null;
        }

        _goingWithUpdates = going;
        going.ForEach(Forget);
        return response with { Removed = going };
    }

    protected override bool HasPlaceFor(string name) => Interest.Names.Contains(name) || _places.Contains(RoutesOf(name));

    private static string RoutesOf(string host) => host[..Math.Max(0, host.LastIndexOf('/'))];

    private Dictionary<string, string> Placed(IReadOnlyDictionary<string, string> versions)
        => versions.Where(entry => HasPlaceFor(entry.Key)).ToDictionary(StringComparer.Ordinal);

    private void Gain(string configuration, XdsView? view, long revision)
    {
        if (!_places.Add(configuration) || view is null)
        {
            return;
        }

        foreach (var host in view.InOrder(TypeUrl).Where(host => string.Equals(RoutesOf(host.Name), configuration, StringComparison.Ordinal)))
        {
            Mark(host.Name, view, revision);
        }
    }

    private void Lose(string configuration)
    {
        _places.Remove(configuration);
        var known = Holdings.Names.Concat(Pending.Updates).Concat(Pending.Removals).Concat(InitialVersions?.Keys ?? Enumerable.Empty<string>())
            .Concat(Pending.Asked.Where(name => !Interest.Names.Contains(name)));
        foreach (var host in known.Where(host => string.Equals(RoutesOf(host), configuration, StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal))
        {
            Forget(host);
        }
    }

    // The client refused a response as a whole, and what was to be removed with it is there still.
    private void KeepAll(IReadOnlyList<string> hosts, XdsView? view)
    {
        foreach (var host in hosts.Where(host => view?.Find(TypeUrl, host) is null && Holdings.SentVersion(host) is null))
        {
            Holdings.SetKept(host, "");
            Pending.Removals.Add(host, view?.Revision ?? 0, Context.Clock.GetTimestamp());
        }
    }
}
