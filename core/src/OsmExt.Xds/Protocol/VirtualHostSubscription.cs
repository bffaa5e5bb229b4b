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
    // No resource has it.
    private const string Unknown = "";

    private readonly HashSet<string> _places = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _goingWithUpdates = [];

    public override RequestOutcome Handle(TypeRequest request, XdsView? view)
    {
        // What it says it kept of a route configuration it asked for anew may be there or not, so it has it of no version.
        var outcome = base.Handle(Begun || !routes.Begun ? request : request with { InitialVersions = Believed(request.InitialVersions) }, view);
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
            Lose(name, view);
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

    protected override bool HasPlaceFor(string name) => Interest.Names.Contains(name) || _places.Contains(SeparateHosts.RoutesOf(name));

    private Dictionary<string, string> Believed(IReadOnlyDictionary<string, string> versions)
        => versions.ToDictionary(entry => entry.Key, entry => HasPlaceFor(entry.Key) ? entry.Value : Unknown, StringComparer.Ordinal);

    private void Gain(string configuration, XdsView? view, long revision)
    {
        if (!_places.Add(configuration) || view is null)
        {
            return;
        }

        foreach (var host in view.InOrder(TypeUrl).Where(host => string.Equals(SeparateHosts.RoutesOf(host.Name), configuration, StringComparison.Ordinal)))
        {
            Mark(host.Name, view, revision);
        }
    }

    // The hosts are gone with it. Saying so does no harm; unsaid, Envoy would claim to have them when it comes back on another stream.
    private void Lose(string configuration, XdsView? view)
    {
        _places.Remove(configuration);
        foreach (var host in Holdings.Names.Where(IsOfIt).ToList())
        {
            Holdings.SetKept(host, Unknown);
            Pending.Removals.Add(host, view?.Revision ?? 0, Context.Clock.GetTimestamp());
        }

        foreach (var host in InitialVersions?.Keys.Where(IsOfIt).ToList() ?? [])
        {
            InitialVersions![host] = Unknown;
        }

        Pending.Updates.RemoveWhere(name => IsOfIt(name));
        Pending.Asked.RemoveWhere(name => IsOfIt(name) && !Interest.Names.Contains(name));

        bool IsOfIt(string host) => string.Equals(SeparateHosts.RoutesOf(host), configuration, StringComparison.Ordinal);
    }

    // The client refused a response as a whole, and what was to be removed with it is there still.
    private void KeepAll(IReadOnlyList<string> hosts, XdsView? view)
    {
        foreach (var host in hosts.Where(host => view?.Find(TypeUrl, host) is null && Holdings.SentVersion(host) is null))
        {
            Holdings.SetKept(host, Unknown);
            Pending.Removals.Add(host, view?.Revision ?? 0, Context.Clock.GetTimestamp());
        }
    }
}
