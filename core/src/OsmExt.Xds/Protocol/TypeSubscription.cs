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
    private readonly Exchange _exchange = new(context);

    public string TypeUrl => typeUrl;

    public Interest Interest { get; } = new();

    public Holdings Holdings { get; } = new(summed: context.Variant == XdsVariant.StateOfTheWorld);

    public Pending Pending { get; } = new();

    public InFlight? InFlight => _exchange.InFlight;

    /// <summary>The client has sent a request of this type.</summary>
    public bool Begun { get; private set; }

    /// <summary>The client accepted something of this type on another stream and still has it.</summary>
    protected bool HasHistory { get; private set; }

    public RejectedVersions Rejected { get; } = new(typeUrl, context.Rejections);

    /// <summary>A response holds what changed only, so a part of it can be sent again alone.</summary>
    public abstract bool IsPartial { get; }

    /// <summary>Names we have to keep until the client can be answered.</summary>
    public int RememberedNames => Math.Max(Pending.Asked.Count, InitialVersions?.Count ?? 0);

    /// <summary>Length of all we keep only because the client said it.</summary>
    public long RememberedCharacters
        => Interest.Characters + Pending.Asked.Characters + (InitialVersions?.Sum(static v => (long)v.Key.Length + v.Value.Length) ?? 0);

    protected StreamContext Context => context;

    /// <summary>What the client kept from an earlier stream; null once compared with what there is.</summary>
    protected Dictionary<string, string>? InitialVersions { get; set; }

    public virtual RequestOutcome Handle(TypeRequest request, XdsView? view)
    {
        var first = !Begun;
        request = request with { Subscribe = Shared(request.Subscribe, view) };
        if (first)
        {
            Begin(request);
        }

        var kind = first ? RequestCase.First : _exchange.Classify(request);
        if (kind == RequestCase.Stale && context.Variant == XdsVariant.StateOfTheWorld)
        {
            return new(RequestCase.Stale);
        }

        IReadOnlyList<Rejection> rejections = [];
        var sentAt = kind is RequestCase.Ack or RequestCase.Nack ? InFlight?.SentAt : null;
        if (kind == RequestCase.Ack)
        {
            Verdict.Accept(this, _exchange.Close());
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

        return new(kind) { Rejections = rejections, SentAt = sentAt };
    }

    /// <summary>A resource is, or may be, different from what it was. Returns whether something is due because of it.</summary>
    /// <param name="name">The resource.</param>
    /// <param name="view">What there is.</param>
    /// <param name="revision">The input revision it waits on behalf of, if that is not the view's.</param>
    public bool Mark(string name, XdsView view, long revision = long.MaxValue)
    {
        var resource = view.Find(typeUrl, name);
        Rejected.Supersede(name, resource);
        if (!Begun || !Interest.Covers(name) || (resource is not null && !HasPlaceFor(name)))
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
            Pending.Updates.Add(resource.Name, Math.Min(revision, view.Revision), context.Clock.GetTimestamp());
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

    /// <summary>Offers again what the client refused in the company of something that is gone, without saying which it meant.</summary>
    public void ForgiveUnnamed(XdsView view)
    {
        foreach (var name in Rejected.ForgiveUnnamed())
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

    public void Written(long timestamp) => _exchange.Written(timestamp);

    public bool IsUnanswered(long now) => _exchange.IsUnanswered(now);

    /// <summary>When updates go even if types before this one are not answered. Otherwise steady change there would starve this one.</summary>
    public TimeSpan? UpdatesOverdueIn(long now) => InFlight is null && Pending.Updates.Since is { } since ? context.HoldLeft(since, now) : null;

    /// <summary>The same for removals. They wait for updates that may have waited themselves, hence twice as long.</summary>
    public TimeSpan? RemovalsOverdueIn(long now)
        => InFlight is null && Pending.Removals.Since is { } since ? context.HoldTimeout + context.HoldLeft(since, now) : null;

    /// <summary>What is due or unanswered.</summary>
    public Backlog Backlog => InFlight is { } sent
        ? Pending.Oldest.With(new(sent.IsWritten ? long.MaxValue : sent.Revision, sent.Revision, sent.Since ?? sent.SentAt)) : Pending.Oldest;

    /// <summary>Whether the client can make use of it; if not, it is not sent unless asked for by name.</summary>
    protected virtual bool HasPlaceFor(string name) => true;

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
        if (again)
        {
            SettleInitialVersion(name, view);
        }
    }

    // It is asked for although the client said it has it, so it is sent however the two compare.
    private void SettleInitialVersion(string name, XdsView? view)
    {
        if (InitialVersions?.Remove(name, out var version) == true)
        {
            Believe(name, version, view);
        }
    }

    /// <summary>Notes that the client has a resource, of a version it said.</summary>
    protected void Believe(string name, string version, XdsView? view)
    {
        if (view?.Find(typeUrl, name) is { } resource && string.Equals(resource.Version, version, StringComparison.Ordinal))
        {
            Holdings.SetSent(resource);
            Holdings.Acknowledge(resource);
        }
        else
        {
            Holdings.SetKept(name, version);
        }
    }

    /// <param name="resources">All it has.</param>
    /// <param name="changed">What of it is news.</param>
    /// <param name="removed">What is gone.</param>
    /// <param name="waited">What had waited before any of it was taken out.</param>
    /// <param name="view">What there is.</param>
    protected XdsResponse Send(IReadOnlyList<XdsResource> resources, IReadOnlyList<XdsResource> changed, IReadOnlyList<string> removed, Backlog waited, XdsView view)
    {
        Holdings.MakeRoom(resources);
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

        return new(context.Variant, typeUrl, _exchange.Open(changed, Math.Min(waited.Unanswered, view.Revision), waited.Since), context.Variant == XdsVariant.Delta ? DebugVersion(view) : Holdings.Version)
        {
            Resources = resources,
            Removed = removed,
            Changed = changed,
        };
    }

    // Delta clients only print it, so it may say what helps most: which inputs the response reflects.
    private static string DebugVersion(XdsView view) => view.Revision.ToString(CultureInfo.InvariantCulture);

    // Many clients ask for the same names, as long as their streams last. Those of resources need not be kept once for each.
    private IReadOnlyList<string> Shared(IReadOnlyList<string> names, XdsView? view)
        => names.Count == 0 || view is null ? names : [.. names.Select(name => view.Find(typeUrl, name)?.Name ?? name)];

    private void Begin(TypeRequest request)
    {
        Begun = true;
        HasHistory = request.HasHistory;
        InitialVersions = request.InitialVersions.Count > 0 ? new(request.InitialVersions, StringComparer.Ordinal) : null;
        Rejected.Recall(request.HasHistory);
    }

    private IReadOnlyList<Rejection> Reject(string error, XdsView? view)
    {
        var response = _exchange.Close();
        var rejections = Verdict.Refuse(this, response, error, context.Clock.GetUtcNow());
        foreach (var resource in view is null ? [] : response.Changed)
        {
            Mark(resource.Name, view!);
        }

        return rejections;
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
            foreach (var name in InitialVersions?.Keys.Where(name => view?.Find(typeUrl, name) is not null).ToList() ?? [])
            {
                SettleInitialVersion(name, view);
            }
        }

        Pending.Demand(answer: first, everything: change.WildcardAsked, view?.Revision ?? 0);
        foreach (var name in change.Asked)
        {
            Ask(name, view, again: !first);
        }
    }

    /// <summary>It does not have it any longer, without having been told.</summary>
    protected void Forget(string name)
    {
        Holdings.Remove(name);
        Pending.Remove(name);
        InitialVersions?.Remove(name);
    }
}
