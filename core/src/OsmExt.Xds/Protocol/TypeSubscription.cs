using System.Globalization;
using OsmExt.Envoy;
using OsmExt.Xds.Snapshots;

namespace OsmExt.Xds.Protocol;

/// <summary>
/// One type on one stream: what the client wants, what it has, what it refused, what is due to it, and the one response
/// it has not answered yet. Knows nothing of other types; <see cref="StreamState"/> decides whose turn it is.
/// </summary>
internal abstract class TypeSubscription(string typeUrl, StreamContext context)
{
    private string _lastNonce = "";

    public string TypeUrl => typeUrl;

    public Interest Interest { get; } = new();

    public Holdings Holdings { get; } = new(summed: context.Variant == XdsVariant.StateOfTheWorld);

    public Pending Pending { get; } = new();

    public InFlight? InFlight { get; private set; }

    /// <summary>The client has sent a request of this type.</summary>
    public bool Begun { get; private set; }

    /// <summary>The set hash sent last and, if the client took it, acknowledged last. Only the state of the world has them.</summary>
    public string VersionSent { get; private set; } = "";

    public string VersionAcked { get; private set; } = "";

    public RejectedVersions Rejected { get; } = new(typeUrl, context.Rejections);

    /// <summary>Names we have to keep until the client can be answered.</summary>
    public int RememberedNames => Math.Max(Pending.Asked.Count, InitialVersions?.Count ?? 0);

    /// <summary>Length of all we keep only because the client said it.</summary>
    public long RememberedCharacters
        => Interest.Characters + Pending.Asked.Characters + (InitialVersions?.Sum(static v => (long)v.Key.Length + v.Value.Length) ?? 0);

    protected StreamContext Context => context;

    /// <summary>What the client kept from an earlier stream; null once compared with what there is.</summary>
    protected Dictionary<string, string>? InitialVersions { get; set; }

    /// <summary>A response holds what changed only, so a part of it can be sent again alone.</summary>
    protected abstract bool IsPartial { get; }

    public RequestOutcome Handle(TypeRequest request, XdsView? view)
    {
        var first = !Begun;
        if (first)
        {
            Begin(request);
        }

        var kind = first ? RequestCase.First : Classify(request);
        if (kind == RequestCase.Stale && context.Variant == XdsVariant.StateOfTheWorld)
        {
            return new(RequestCase.Stale);
        }

        IReadOnlyList<Rejection> rejections = [];
        if (kind == RequestCase.Ack)
        {
            Acknowledge();
        }
        else if (kind == RequestCase.Nack)
        {
            rejections = Reject(request.Error!, view);
        }

        // Delta: "the server must honor changes to the subscription state even if the nonce is stale".
        var change = context.Variant == XdsVariant.Delta
            ? Interest.Update(request.Subscribe, request.Unsubscribe, first)
            : Interest.Replace(request.Subscribe, first);
        Take(change, first, view);
        if (first)
        {
            Pending.Owed.RemoveWhere(name => !Interest.Covers(name));
        }

        return new(kind) { Rejections = rejections };
    }

    /// <summary>A resource is, or may be, different from what it was. Returns whether something is due because of it.</summary>
    public bool Mark(string name, XdsView view)
    {
        var resource = view.Find(typeUrl, name);
        Rejected.Supersede(name, resource);
        if (!Begun || !Interest.Covers(name))
        {
            return false;
        }

        if (resource is null)
        {
            Pending.Updates.Remove(name);
            return MarkRemoved(name, view);
        }

        Pending.Removals.Remove(name);
        var differs = !string.Equals(Holdings.SentVersion(name), resource.Version, StringComparison.Ordinal) || Pending.Owed.Contains(name);
        if (differs && !Rejected.Contains(resource))
        {
            Pending.Updates.Add(resource.Name, view.Revision, context.Clock.GetTimestamp());
            return true;
        }

        Pending.Updates.Remove(name);
        return false;
    }

    /// <summary>Everything may be different: the stream now looks at another scope.</summary>
    public void MarkAll(XdsView view)
    {
        var names = Holdings.Names.Union(Interest.Names, StringComparer.Ordinal);
        if (Interest.Wildcard)
        {
            names = names.Union(view.InOrder(typeUrl).Select(static r => r.Name), StringComparer.Ordinal);
        }

        foreach (var name in names.ToList())
        {
            Mark(name, view);
        }
    }

    /// <summary>Send it again although the client has it, as soon as the client is subscribed to it.</summary>
    public void Owe(string name, XdsView view)
    {
        if (!Begun || Interest.Covers(name))
        {
            Pending.Owed.Add(name);
            Mark(name, view);
        }
    }

    public void ForgiveOwed(string name, XdsView? view)
    {
        if (Pending.Owed.Remove(name) && view is not null)
        {
            Mark(name, view);
        }
    }

    /// <summary>What the client waits for; null when it waits for nothing or has a response to answer first.</summary>
    public abstract XdsResponse? Answer(XdsView view);

    /// <summary>What became different.</summary>
    public abstract XdsResponse? Update(XdsView view);

    /// <summary>What is gone.</summary>
    public abstract XdsResponse? Removal(XdsView view);

    public void Written(long timestamp) => InFlight = InFlight is null ? null : InFlight with { SentAt = timestamp };

    /// <summary>Whether a response unanswered since less than the hold timeout is on its way.</summary>
    public bool IsUnanswered(long now) => InFlight is not null && context.Clock.GetElapsedTime(InFlight.SentAt, now) < context.HoldTimeout;

    /// <summary>When updates go even if types before this one are not answered. Otherwise steady change there would starve this one.</summary>
    public TimeSpan? UpdatesOverdueIn(long now) => InFlight is null ? OverdueIn(Pending.Updates.Since, context.HoldTimeout, now) : null;

    /// <summary>The same for removals. They wait for updates that may have waited themselves, hence twice as long.</summary>
    public TimeSpan? RemovalsOverdueIn(long now) => InFlight is null ? OverdueIn(Pending.Removals.Since, 2 * context.HoldTimeout, now) : null;

    /// <summary>Whether anything of this revision or an older one is still due or unanswered.</summary>
    public bool Owes(long revision) => Pending.Revision <= revision || InFlight?.Revision <= revision;

    /// <summary>A name is gone. Returns whether the client has to be told.</summary>
    protected virtual bool MarkRemoved(string name, XdsView view)
    {
        var known = Holdings.Contains(name);
        if (known)
        {
            Pending.Removals.Add(name, view.Revision, context.Clock.GetTimestamp());
        }

        return known;
    }

    /// <summary>The client no longer subscribes to a name that its wildcard still covers.</summary>
    protected virtual void Reconsider(string name, XdsView? view)
    {
    }

    /// <param name="again">Whether it is asked for although the client may have it, even if it said so when the stream began.</param>
    protected void Ask(string name, XdsView? view, bool again)
    {
        Pending.Asked.Add(name, view?.Revision ?? 0, context.Clock.GetTimestamp());
        if (again && InitialVersions is not null)
        {
            Pending.Owed.Add(name);
        }
    }

    protected XdsResponse Send(IReadOnlyList<XdsResource> resources, IReadOnlyList<XdsResource> changed, IReadOnlyList<string> removed, XdsView view)
    {
        var revision = Math.Min(Pending.Revision, view.Revision);
        foreach (var resource in resources)
        {
            Holdings.SetSent(resource);
            Pending.Updates.Remove(resource.Name);
            Pending.Owed.Remove(resource.Name);
        }

        foreach (var name in removed)
        {
            Holdings.Remove(name);
            Pending.Removals.Remove(name);
        }

        _lastNonce = context.Nonces.Next();
        VersionSent = context.Variant == XdsVariant.StateOfTheWorld ? Holdings.Version : "";
        InFlight = new(_lastNonce, changed, revision, context.Clock.GetTimestamp());
        return new(context.Variant, typeUrl, _lastNonce, context.Variant == XdsVariant.Delta ? DebugVersion(view) : VersionSent)
        {
            Resources = resources,
            Removed = removed,
            Changed = changed,
        };
    }

    // Delta clients only print it, so it may say what helps most: which inputs the response reflects.
    private static string DebugVersion(XdsView view) => view.Revision.ToString(CultureInfo.InvariantCulture);

    private TimeSpan? OverdueIn(long? since, TimeSpan patience, long now) => since is { } at ? patience - context.Clock.GetElapsedTime(at, now) : null;

    private void Begin(TypeRequest request)
    {
        Begun = true;
        InitialVersions = request.InitialVersions.Count > 0 ? new(request.InitialVersions, StringComparer.Ordinal) : null;
        Rejected.Recall(request.HasHistory);
    }

    private RequestCase Classify(TypeRequest request)
    {
        if (context.Variant == XdsVariant.Delta && request.Nonce.Length == 0)
        {
            return RequestCase.Subscription;
        }

        if (!string.Equals(request.Nonce, _lastNonce, StringComparison.Ordinal))
        {
            return RequestCase.Stale;
        }

        if (InFlight is null)
        {
            // Answered before. A state-of-the-world client repeats the nonce whenever it changes its mind about names.
            return context.Variant == XdsVariant.Delta || request.Error is not null ? RequestCase.Stale : RequestCase.Subscription;
        }

        return request.Error is null ? RequestCase.Ack : RequestCase.Nack;
    }

    private void Acknowledge()
    {
        foreach (var resource in InFlight!.Changed)
        {
            Holdings.Acknowledge(resource);
        }

        VersionAcked = VersionSent;
        InFlight = null;
    }

    private List<Rejection> Reject(string error, XdsView? view)
    {
        var response = InFlight!;
        InFlight = null;
        var message = Rejected.Said(error, context.Clock.GetUtcNow());

        // Without a name in the message any resource may be the culprit, except those the client took before.
        var named = response.Changed.Where(r => RejectionMessage.Names(message, r.Name)).ToList();
        var refused = named.Count > 0 ? named : [.. response.Changed.Where(r => !IsAcked(r))];
        var rejections = refused.ConvertAll(Rejected.Record);
        refused.ForEach(r => Holdings.Revert(r.Name));
        foreach (var resource in named.Count > 0 ? response.Changed.Except(refused) : [])
        {
            if (IsPartial)
            {
                SendAgain(resource);
            }
            else
            {
                Holdings.Acknowledge(resource);
            }
        }

        foreach (var resource in view is null ? [] : response.Changed)
        {
            Mark(resource.Name, view!);
        }

        return rejections;
    }

    private bool IsAcked(XdsResource resource) => string.Equals(Holdings.Acked(resource.Name)?.Version, resource.Version, StringComparison.Ordinal);

    private void SendAgain(XdsResource resource)
    {
        if (IsAcked(resource))
        {
            Pending.Owed.Add(resource.Name);
        }
        else
        {
            Holdings.Revert(resource.Name);
        }
    }

    private void Take(InterestChange change, bool first, XdsView? view)
    {
        foreach (var name in change.Dropped)
        {
            if (Interest.Covers(name))
            {
                Reconsider(name, view);
            }
            else
            {
                Forget(name);
            }
        }

        if (change.WildcardDropped)
        {
            Pending.DropWildcard(name => !Interest.Covers(name));
            foreach (var name in Holdings.Names.Concat(InitialVersions?.Keys ?? Enumerable.Empty<string>()).Where(name => !Interest.Covers(name)).ToList())
            {
                Forget(name);
            }
        }

        if (change.WildcardAsked && !first)
        {
            Pending.Owed.UnionWith(InitialVersions?.Keys ?? Enumerable.Empty<string>());
        }

        Pending.Demand(answer: first, everything: change.WildcardAsked, view?.Revision ?? 0);
        foreach (var name in change.Asked)
        {
            Ask(view?.Find(typeUrl, name)?.Name ?? name, view, again: !first);
        }
    }

    private void Forget(string name)
    {
        Holdings.Remove(name);
        Pending.Remove(name);
        InitialVersions?.Remove(name);
    }
}
