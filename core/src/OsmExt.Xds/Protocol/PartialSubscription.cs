using OsmExt.Envoy;
using OsmExt.Xds.Snapshots;

namespace OsmExt.Xds.Protocol;

/// <summary>Responses hold only what is news: every type in delta, and in the state of the world all but listeners and clusters.</summary>
internal class PartialSubscription(string typeUrl, StreamContext context) : TypeSubscription(typeUrl, context)
{
    private readonly bool _delta = context.Variant == XdsVariant.Delta;

    public override bool IsPartial => true;

    public override XdsResponse? Answer(XdsView view)
    {
        if (InFlight is not null || !Pending.HasAnswer)
        {
            return null;
        }

        var waited = Pending.Oldest;
        AskForEverything(view);
        CompareInitialVersions(view);
        var due = Pending.AnswerDue;
        Pending.Meet();
        var (resources, absent) = Collect(Pending.Asked, view);
        return due || resources.Count > 0 || absent.Count > 0 ? Send(resources, resources, absent, waited, view) : null;
    }

    public override XdsResponse? Update(XdsView view)
    {
        if (InFlight is not null || Pending.Updates.Count == 0)
        {
            return null;
        }

        var (since, waited) = (Pending.Updates.Since, Pending.Oldest);
        var (resources, _) = Collect(Pending.Updates, view);
        return resources.Count > 0 ? Send(resources, resources, [], waited, view) with { ChangedAt = since } : null;
    }

    public override XdsResponse? Removal(XdsView view)
    {
        if (InFlight is not null || Pending.Removals.Count == 0)
        {
            return null;
        }

        var since = Pending.Removals.Since;
        return Send([], [], [.. Pending.Removals.Order(StringComparer.Ordinal)], Pending.Oldest, view) with { ChangedAt = since };
    }

    protected override bool MarkRemoved(string name, XdsView view)
    {
        if (_delta)
        {
            return base.MarkRemoved(name, view);
        }

        // There is no way to tell; the client drops it when nothing refers to it any longer.
        Holdings.Remove(name);
        return false;
    }

    protected override void Reconsider(string name, XdsView? view)
    {
        if (_delta)
        {
            // The client cannot know whether its wildcard covers the name, so the protocol has us tell it.
            Ask(name, view, again: true);
        }
    }

    private void AskForEverything(XdsView view)
    {
        foreach (var resource in Pending.Everything ? view.InOrder(TypeUrl) : [])
        {
            if (HasPlaceFor(resource.Name))
            {
                Ask(resource.Name, view, again: false);
            }
        }
    }

    /// <summary>Takes names out, in order, until the response is large enough.</summary>
    private (List<XdsResource> Resources, List<string> Absent) Collect(WaitingNames names, XdsView view)
    {
        var resources = new List<XdsResource>(names.Count);
        var absent = new List<string>();
        var size = 0;
        foreach (var name in names.Order(StringComparer.Ordinal).ToList())
        {
            var resource = view.Find(TypeUrl, name);
            var length = resource is null || Rejected.Contains(resource) ? 0 : (_delta ? resource.DeltaField : resource.SotwField).Length;
            if (size > 0 && size + length > Context.MaxResponseBytes)
            {
                break;
            }

            names.Remove(name);
            size += length;
            if (length > 0)
            {
                resources.Add(resource!);
            }
            else if (resource is null && _delta)
            {
                absent.Add(name);
            }
        }

        return (resources, absent);
    }

    /// <summary>What the client kept and is still right is not sent, unless owed; what is gone is taken away in its turn.</summary>
    private void CompareInitialVersions(XdsView view)
    {
        if (InitialVersions is null)
        {
            return;
        }

        foreach (var (name, version) in InitialVersions)
        {
            var resource = view.Find(TypeUrl, name);
            if (!Interest.Covers(name))
            {
                continue;
            }

            Believe(name, version, view);
            if (resource is null && !Pending.Asked.Contains(name))
            {
                Pending.Removals.Add(name, view.Revision, Context.Clock.GetTimestamp());
            }
            else if (string.Equals(resource?.Version, version, StringComparison.Ordinal) && !Pending.Owed.Contains(name))
            {
                Pending.Asked.Remove(name);
                Pending.Updates.Remove(name);
            }
        }

        InitialVersions = null;
    }
}
