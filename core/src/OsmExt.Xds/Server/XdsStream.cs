using OsmExt.Envoy;
using OsmExt.Xds.Observability;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Snapshots;

namespace OsmExt.Xds.Server;

/// <summary>
/// One open stream: its protocol state behind a lock, attached to its scopes. Knows nothing of gRPC. Whoever writes to the
/// client is woken when there may be something to write and takes it with <see cref="Next"/>.
/// </summary>
internal sealed class XdsStream(ConnectedClient client, StreamContext context, string nodeVersion, Action wake) : IScopeListener
{
    // Outermost: only one attachment at a time. The cache's scope locks and then _lock are taken inside.
    private readonly Lock _attaching = new();
    private readonly Lock _lock = new();
    private readonly StreamState _state = new(context);
    private readonly TaskCompletionSource _leaving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DateTimeOffset _connectedSince = context.Clock.GetUtcNow();
    private object _scopeKey = client.ScopeKey;
    private XdsSnapshot? _shared;
    private XdsSnapshot? _own;
    private SnapshotCache? _cache;

    public ConnectedClient Client => client;

    public string ProxyId => client.ProxyId;

    public XdsVariant Variant => context.Variant;

    /// <inheritdoc cref="StreamContext.OnlyType"/>
    public string? OnlyType => context.OnlyType;

    /// <summary>Completes when the client shall come on another connection.</summary>
    public Task Leaving => _leaving.Task;

    /// <summary>Ends the stream, and the connection it is on, without a failure.</summary>
    public void Leave() => _leaving.TrySetResult();

    public void Attach(SnapshotCache cache)
    {
        lock (_attaching)
        {
            _cache = cache;
            cache.Attach(_scopeKey, this);
            if (client.OwnScopeKey is { } own)
            {
                cache.Attach(own, this);
            }
        }
    }

    /// <summary>
    /// Look at another shared scope from now on. What the client has stays until that scope has a snapshot; then the
    /// difference is sent.
    /// </summary>
    public void Move(object scopeKey)
    {
        lock (_attaching)
        {
            if (_cache is null || Equals(_scopeKey, scopeKey))
            {
                return;
            }

            var before = _scopeKey;
            lock (_lock)
            {
                _scopeKey = scopeKey;
            }

            _cache.Detach(before, this);
            _cache.Attach(scopeKey, this);
        }
    }

    public void Close()
    {
        lock (_attaching)
        {
            _cache?.Detach(_scopeKey, this);
            if (client.OwnScopeKey is { } own)
            {
                _cache?.Detach(own, this);
            }

            _cache?.Ended(this);
            _cache = null;
        }
    }

    public RequestOutcome Handle(TypeRequest request)
    {
        RequestOutcome outcome;
        lock (_lock)
        {
            outcome = _state.Handle(request);
        }

        wake();
        _cache?.Progressed(this);
        return outcome;
    }

    /// <inheritdoc cref="TypeSubscription.ForgiveUnnamed"/>
    public void ForgiveUnnamed(string typeUrl)
    {
        lock (_lock)
        {
            _state.ForgiveUnnamed(typeUrl);
        }

        wake();
    }

    /// <summary>What to write now; otherwise how long to wait, or null to wait until woken.</summary>
    public XdsResponse? Next(out TimeSpan? hold)
    {
        lock (_lock)
        {
            var response = _state.Next();
            hold = response is null ? _state.Hold() : null;
            return response;
        }
    }

    public void Written(XdsResponse response)
    {
        lock (_lock)
        {
            _state.Written(response);
        }

        _cache?.Progressed(this);
    }

    public bool Replace(object scope, XdsSnapshot snapshot)
    {
        bool due;
        lock (_lock)
        {
            due = Take(scope, snapshot) && _state.Replace(new(_shared!, _own));
        }

        return Wake(due);
    }

    public bool Advance(object scope, XdsSnapshot snapshot, IReadOnlyCollection<XdsChange> changes)
    {
        bool due;
        lock (_lock)
        {
            due = Take(scope, snapshot) && _state.Advance(new(_shared!, _own), changes);
        }

        return Wake(due);
    }

    public Backlog Backlog
    {
        get
        {
            lock (_lock)
            {
                return _state.Backlog;
            }
        }
    }

    /// <summary>How far the client is behind, without all that it has.</summary>
    public XdsLag Lag()
    {
        lock (_lock)
        {
            return XdsLag.Of(client.ProxyId, _state);
        }
    }

    public XdsStreamView Describe()
    {
        lock (_lock)
        {
            return new(client.ProxyId, context.Variant, nodeVersion, _connectedSince)
            {
                Revision = _state.View?.Revision,
                Lag = XdsLag.Of(client.ProxyId, _state),
                Types = [.. _state.Subscriptions.Where(static s => s.Begun).Select(Describe)],
            };
        }
    }

    /// <summary>What the client has, asks for or refused, resource by resource.</summary>
    public ClientStatus Status()
    {
        lock (_lock)
        {
            return new(client.ProxyId, context.NodeId, nodeVersion, context.OnlyType,
                [.. _state.Subscriptions.Where(static s => s.Begun).SelectMany(s => SubscriptionStatus.Of(s, _state.View))]);
        }
    }

    /// <summary>Whether it is what the client acknowledged last under its name. For whoever asks for many: it leaves no trace in memory.</summary>
    public bool HasAcknowledged(XdsResource resource)
    {
        lock (_lock)
        {
            return _state.Acknowledged(resource.TypeUrl, resource.Name)?.Equals(resource) == true;
        }
    }

    /// <summary>What the client has of one type, for certain or perhaps.</summary>
    public XdsHoldings HoldingsOf(string typeUrl)
    {
        lock (_lock)
        {
            var type = _state.Subscriptions.FirstOrDefault(type => string.Equals(type.TypeUrl, typeUrl, StringComparison.Ordinal) && type.Begun);
            return new(client, IsAnswered(TypeUrls.Cluster) && IsAnswered(TypeUrls.Listener),
            [
                .. (type?.Holdings.Names.Union(type.Interest.Names, StringComparer.Ordinal) ?? [])
                    .Select(name => new XdsHolding(name, type!.Holdings.Sent(name), type.Holdings.Acked(name))),
            ]);
        }

        bool IsAnswered(string url)
            => _state.Subscriptions.Any(type =>
                string.Equals(type.TypeUrl, url, StringComparison.Ordinal) && type is { Begun: true, InFlight: null, Pending.IsEmpty: true });
    }

    private static XdsTypeView Describe(TypeSubscription type) => new(type.TypeUrl)
    {
        Wildcard = type.Interest.Wildcard,
        Names = [.. type.Interest.Names.Order(StringComparer.Ordinal)],
        Resources = [.. type.Holdings.Names.Order(StringComparer.Ordinal)
            .Select(name => new XdsResourceView(name, type.Holdings.SentVersion(name), type.Holdings.Acked(name)?.Version))],
        Pending = type.Pending.Count,
        Unanswered = type.InFlight is not null,
        LastError = type.Rejected.LastError,
        LastErrorAt = type.Rejected.LastErrorAt,
        Rejections = [.. type.Rejected.All.OrderBy(static r => r.Name, StringComparer.Ordinal)],
    };

    /// <summary>Returns whether all scopes have a snapshot.</summary>
    private bool Take(object scope, XdsSnapshot snapshot)
    {
        if (Equals(scope, _scopeKey))
        {
            _shared = snapshot;
        }
        else if (Equals(scope, client.OwnScopeKey))
        {
            _own = snapshot;
        }
        else
        {
            return false;
        }

        return _shared is not null && (_own is not null || client.OwnScopeKey is null);
    }

    private bool Wake(bool due)
    {
        if (due)
        {
            wake();
        }

        return due;
    }
}
