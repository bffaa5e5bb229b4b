using OsmExt.Envoy;
using OsmExt.Xds.Snapshots;

namespace OsmExt.Xds.Protocol;

/// <summary>
/// All subscriptions of one stream, and whose turn it is. Synchronous and not thread-safe; whoever owns it feeds it
/// requests and snapshots and takes responses until there is none.
/// </summary>
/// <remarks>
/// The order, see "Eventual consistency considerations" of the xDS protocol:
/// 1. What the client asked for is sent at once: it waits, and cannot misuse what it does not have yet.
/// 2. Changes go in push order, each type only when those before it are answered and the endpoints of new clusters were
///    asked for. A rejection is an answer.
/// 3. Removals go last, in reverse order, when nothing is unanswered.
/// Waiting ends after the hold timeout, so that a client that never answers one type still gets the others.
/// </remarks>
internal sealed class StreamState(StreamContext context)
{
    private static readonly int EndpointRank = Rank(TypeUrls.Endpoint);

    private readonly Dictionary<string, TypeSubscription> _byType = new(StringComparer.Ordinal);
    private readonly List<TypeSubscription> _inOrder = [];
    private readonly AwaitedEndpoints _awaited = new(context.Clock, context.HoldTimeout);

    public XdsView? View { get; private set; }

    private VirtualHostSubscription VirtualHosts => (VirtualHostSubscription)Subscription(TypeUrls.VirtualHost);

    public IReadOnlyList<TypeSubscription> Subscriptions => _inOrder;

    public RequestOutcome Handle(TypeRequest request)
    {
        if (request.TypeUrl.Length == 0)
        {
            return new(RequestCase.First) { Violation = RequestViolation.NoType };
        }

        if (!_byType.ContainsKey(request.TypeUrl) && _byType.Count >= context.MaxTypes)
        {
            return new(RequestCase.First) { Violation = RequestViolation.TooManyTypes };
        }

        var subscription = Subscription(request.TypeUrl);
        var answered = subscription.InFlight;
        var first = !subscription.Begun;
        var outcome = subscription.Handle(request, View);
        if (subscription.TypeUrl is TypeUrls.Route && context is { Variant: XdsVariant.Delta, OnlyType: null })
        {
            VirtualHosts.RoutesRequested(request, first, outcome.Case == RequestCase.Ack ? answered : null, View);
        }

        if (NameLimits.Check(context, subscription, _inOrder, View) is not RequestViolation.None and var violation)
        {
            return outcome with { Violation = violation };
        }

        if (string.Equals(request.TypeUrl, TypeUrls.Endpoint, StringComparison.Ordinal))
        {
            _awaited.Arrived(subscription.Interest);
        }
        else if (outcome.Case == RequestCase.Nack && string.Equals(request.TypeUrl, TypeUrls.Cluster, StringComparison.Ordinal))
        {
            ForgiveEndpoints(answered!.Changed, outcome.Rejections);
        }

        return outcome;
    }

    /// <summary>The first snapshot, or that of another scope: compare everything. Returns whether anything is due.</summary>
    public bool Replace(XdsView view)
    {
        var first = View is null;
        View = view;
        foreach (var subscription in first ? [] : _inOrder)
        {
            subscription.MarkAll(view);
        }

        return _inOrder.Exists(static s => !s.Pending.IsEmpty);
    }

    /// <summary>A snapshot that differs from the one before in these names only. Returns whether anything new is due.</summary>
    public bool Advance(XdsView view, IReadOnlyCollection<XdsChange> changes)
    {
        View = view;
        var due = false;
        foreach (var change in changes)
        {
            due |= _byType.TryGetValue(change.TypeUrl, out var subscription) && subscription.Mark(change.Name, view);
        }

        return due;
    }

    /// <inheritdoc cref="TypeSubscription.ForgiveUnnamed"/>
    public void ForgiveUnnamed(string typeUrl)
    {
        if (View is not null && _byType.TryGetValue(typeUrl, out var subscription))
        {
            subscription.ForgiveUnnamed(View);
        }
    }

    /// <summary>The next response to write; null when there is none, or none yet.</summary>
    public XdsResponse? Next()
    {
        if (View is null)
        {
            return null;
        }

        var now = context.Clock.GetTimestamp();
        var response = Answer(View, now) ?? Update(View, now) ?? Removal(View, now);
        if (response is not null && context.OnlyType is null && string.Equals(response.TypeUrl, TypeUrls.Cluster, StringComparison.Ordinal))
        {
            ExpectEndpoints(response, View);
        }

        return response;
    }

    /// <summary>The hold timeout counts from the end of the write: a proxy cannot answer what it has not read.</summary>
    public void Written(XdsResponse response) => _byType[response.TypeUrl].Written(context.Clock.GetTimestamp());

    /// <summary>
    /// Once <see cref="Next"/> has nothing: how long until waiting for the client ends and something held back may go; null when
    /// nothing is held back.
    /// </summary>
    public TimeSpan? Hold()
    {
        if (View is null || _inOrder.TrueForAll(static s => s.Pending.IsEmpty))
        {
            return null;
        }

        var now = context.Clock.GetTimestamp();
        TimeSpan? hold = _awaited.IsActive(now) ? context.HoldLeft(_awaited.Since, now) : null;
        foreach (var subscription in _inOrder)
        {
            hold = Sooner(hold, subscription.IsUnanswered(now) ? context.HoldLeft(subscription.InFlight!.SentAt, now) : null);
            hold = Sooner(hold, subscription.UpdatesOverdueIn(now));
            hold = Sooner(hold, subscription.RemovalsOverdueIn(now));
        }

        return hold;
    }

    /// <summary>What the client acknowledged last of a resource; null when it has acknowledged none of it.</summary>
    public XdsResource? Acknowledged(string typeUrl, string name) => _byType.TryGetValue(typeUrl, out var subscription) ? subscription.Holdings.Acked(name) : null;

    /// <summary>What the client has still to be sent, or to answer.</summary>
    public Backlog Backlog
    {
        get
        {
            var backlog = Backlog.None;
            foreach (var subscription in _inOrder)
            {
                backlog = backlog.With(subscription.Backlog);
            }

            return backlog;
        }
    }

    private static int Rank(string typeUrl)
    {
        for (var i = 0; i < TypeUrls.PushOrder.Count; i++)
        {
            if (string.Equals(TypeUrls.PushOrder[i], typeUrl, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return TypeUrls.PushOrder.Count;
    }

    private XdsResponse? Answer(XdsView view, long now)
    {
        var routesUnanswered = false;
        foreach (var subscription in _inOrder)
        {
            // Which virtual hosts the client has a place for is known when it has answered the route configurations.
            if (!(routesUnanswered && subscription is VirtualHostSubscription) && subscription.Answer(view) is { } response)
            {
                return response;
            }

            routesUnanswered |= subscription.TypeUrl is TypeUrls.Route && subscription.IsUnanswered(now);
        }

        return null;
    }

    private XdsResponse? Update(XdsView view, long now)
    {
        var blocked = false;
        foreach (var subscription in _inOrder)
        {
            blocked |= Rank(subscription.TypeUrl) > EndpointRank && _awaited.IsActive(now);
            if ((!blocked || subscription.UpdatesOverdueIn(now) <= TimeSpan.Zero) && subscription.Update(view) is { } response)
            {
                return response;
            }

            blocked |= subscription.IsUnanswered(now);
        }

        return null;
    }

    private XdsResponse? Removal(XdsView view, long now)
    {
        var blocked = _awaited.IsActive(now) || _inOrder.Exists(s => s.IsUnanswered(now));
        for (var i = _inOrder.Count - 1; i >= 0; i--)
        {
            if ((!blocked || _inOrder[i].RemovalsOverdueIn(now) <= TimeSpan.Zero) && _inOrder[i].Removal(view) is { } response)
            {
                return response;
            }
        }

        return null;
    }

    private static TimeSpan? Sooner(TimeSpan? a, TimeSpan? b) => a is null || b < a ? b ?? a : a;

    // Envoy takes a changed cluster into service only when endpoints arrive after it, and a new cluster whose endpoints it
    // has already under another one does not ask for them again. So whoever is subscribed gets them again.
    private void ExpectEndpoints(XdsResponse response, XdsView view)
    {
        var names = response.Changed.Select(static cluster => cluster.EndpointsOfCluster).OfType<string>().ToList();
        if (names.Count == 0)
        {
            return;
        }

        var endpoints = Subscription(TypeUrls.Endpoint);
        if (!endpoints.Begun)
        {
            endpoints.Pending.Owed.RemoveWhere(name => view.Find(TypeUrls.Endpoint, name) is null);
        }

        names.ForEach(name => endpoints.Owe(name, view));
        if (_byType[TypeUrls.Cluster].Interest.Wildcard)
        {
            _awaited.Await(names.Where(name => !endpoints.Interest.Covers(name)));
        }
    }

    private void ForgiveEndpoints(IReadOnlyList<XdsResource> sent, IReadOnlyList<Rejection> rejections)
    {
        var refused = rejections.Select(static r => r.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in sent.Where(r => refused.Contains(r.Name)).Select(static cluster => cluster.EndpointsOfCluster).OfType<string>())
        {
            _awaited.Forgive(name);
            Subscription(TypeUrls.Endpoint).ForgiveOwed(name, View);
        }
    }

    private TypeSubscription Subscription(string typeUrl)
    {
        if (_byType.TryGetValue(typeUrl, out var subscription))
        {
            return subscription;
        }

        // As everybody has it, and not as this client has written it.
        typeUrl = TypeUrls.PushOrder.FirstOrDefault(known => string.Equals(known, typeUrl, StringComparison.Ordinal)) ?? typeUrl;
        subscription = (context.Variant, typeUrl) switch
        {
            (XdsVariant.StateOfTheWorld, TypeUrls.Cluster or TypeUrls.Listener) => new FullStateSubscription(typeUrl, context),
            // Alone on its stream, nothing tells which route configurations the client has.
            (XdsVariant.Delta, TypeUrls.VirtualHost) when context.OnlyType is null => new VirtualHostSubscription(context, Subscription(TypeUrls.Route)),
            _ => new PartialSubscription(typeUrl, context),
        };
        _byType.Add(typeUrl, subscription);
        var at = _inOrder.FindIndex(other => Rank(other.TypeUrl) > Rank(typeUrl));
        _inOrder.Insert(at < 0 ? _inOrder.Count : at, subscription);
        return subscription;
    }
}
