using Microsoft.Extensions.Logging;
using OsmExt.Compiler.Contributions;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.ControlPlane.Plugins;
using OsmExt.Envoy;
using OsmExt.PluginHost;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Xds.Observability;
using OsmExt.Xds.Server;
using OsmExt.Xds.Snapshots;

namespace OsmExt.ControlPlane.Rejections;

/// <summary>
/// Finds out which plugin's contribution a proxy refuses, and puts that one in quarantine. One refusal is looked into at a time.
/// Used by the pipeline's loop only.
/// </summary>
internal sealed partial class RejectionReview
{
    private const int MostAttempts = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly RejectionLog _rejections;
    private readonly StreamRegistry _streams;
    private readonly ConnectedProxies _proxies;
    private readonly ScopePublisher _scopes;
    private readonly SnapshotCache _cache;
    private readonly PluginsInForce _plugins;
    private readonly PluginMetrics _metrics;
    private readonly Wakeup _wakeup;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<(object, string), RefusedResources> _unexplained = [];
    private readonly Dictionary<(object, string), int> _attempts = [];
    private readonly Convictions _convictions = new();
    private OpenCase? _case;
    private Task _answered = Task.CompletedTask;
    private volatile bool _due = true;

    public RejectionReview(
        RejectionLog rejections, StreamRegistry streams, ConnectedProxies proxies, ScopePublisher scopes, SnapshotCache cache, PluginsInForce plugins, PluginMetrics metrics,
        Wakeup wakeup, TimeProvider time, ILogger<RejectionReview> logger)
    {
        (_rejections, _streams, _proxies, _scopes, _cache, _plugins, _metrics, _wakeup, _time, _logger) = (rejections, streams, proxies, scopes, cache, plugins, metrics, wakeup, time, logger);
        rejections.Recorded += _ => Look();
    }

    /// <summary>Whether nothing that proxies refuse is being looked into, or still has to be.</summary>
    public bool IsSettled => !_due && _case is null && _answered.IsCompleted;

    /// <summary>How often it has looked: what it says stays the same in between.</summary>
    public long Looks { get; private set; }

    /// <summary>What may not be published now.</summary>
    public Quarantine Quarantine { get; private set; } = Quarantine.None;

    /// <summary>Refusals that no plugin is to blame for.</summary>
    public IEnumerable<Diagnostic> Diagnostics => _unexplained.Values.Select(refused => new Diagnostic(DiagnosticCodes.RefusedByProxy, Severity.Error, null, "",
        $"{refused.Refusal.Proxy} refused {refused.Refusal.Resource} (\"{refused.Refusal.Message}\"), made from {string.Join(", ", refused.Resources.SelectMany(resource => resource.Origins).Distinct(StringComparer.Ordinal))}; no plugin is to blame",
        "The mesh itself made what it refuses: report this; what the proxy had stays in force"));

    /// <summary>Has refusals looked at in the next turn.</summary>
    public void Look()
    {
        _due = true;
        _wakeup.Set();
    }

    /// <summary>Looks at what proxies refuse. Returns the state without what is in quarantine.</summary>
    public MeshState Turn(MeshState state)
    {
        if (!_due || !_answered.IsCompleted)
        {
            return state;
        }

        _due = false;
        Looks++;
        _metrics.Quarantined(_scopes.Live.SelectMany(live => live.LeftOut).Select(left => left.Item).Distinct().CountBy(item => item.Plugin));
        var refused = RefusedResources.All(_rejections, _proxies, _scopes, _cache).ToArray();
        foreach (var held in refused.Where(entry => entry.Live.IsHeld))
        {
            RollBack(held, state);
        }

        if (_case is { } running)
        {
            return Continue(running, refused, state);
        }

        foreach (var gone in _unexplained.Keys.Except(refused.Select(entry => entry.Key)).ToArray())
        {
            _unexplained.Remove(gone);
        }

        if (refused.Length == 0)
        {
            _attempts.Clear();
        }

        return refused.FirstOrDefault(entry => !entry.Live.IsHeld && !_unexplained.ContainsKey(entry.Key)) is { } next ? Open(next, state) : state;
    }

    private MeshState Open(RefusedResources refused, MeshState state)
    {
        // A look at everybody, and taken only where plugins have a part in what was refused: who refuses again and again must not make it cost that.
        var build = refused.Live.Scope.Capabilities;
        var others = _streams.Holdings(refused.TypeUrl, client => ((ConnectedProxy)client).Capabilities.Equals(build))
            .SelectMany(holdings => holdings.Resources).Select(resource => resource.Acknowledged).OfType<XdsResource>().Distinct();
        var suspects = Suspects.Of(refused, refused.Acknowledged(_streams, _proxies), others, state.Snapshot);
        _attempts[refused.Key] = _attempts.GetValueOrDefault(refused.Key) + 1;
        if (suspects.Items.IsEmpty || _attempts[refused.Key] > MostAttempts)
        {
            return Unexplained(refused, state);
        }

        var closed = suspects.Items.ToLookup(item => refused.Live.View.Contributions.IsClosed(item.Plugin));
        var search = new BlameSearch([.. closed[false]], [.. closed[true]]);
        var opened = new OpenCase(refused, search, suspects.AreNew);
        return search.Open.IsEmpty ? Close(opened, new(null, search.Closed), state) : Try(opened, state);
    }

    private MeshState Continue(OpenCase running, RefusedResources[] refused, MeshState state)
    {
        var live = running.Refused.Live;
        var answer = running.AnswerAmong(refused, running.Refused.Held(_streams, _proxies), _cache);
        var isStill = _scopes.Find(live.Scope) == live && live is { IsHeld: false, Streams: > 0 }
            && running.Search.LeftOut.All(item => live.View.Contributions.LeftOut.Any(left => left.Item.Equals(item)));
        if (!isStill || answer is null)
        {
            // Something else changed meanwhile, so what was learned may be wrong by now.
            return Publish(running.Refused, null, state);
        }

        var learned = running.Search.Answered(answer.Value);
        return learned.Next is { } next ? Try(running with { Search = next }, state) : Close(running, learned, state);
    }

    private MeshState Try(OpenCase opened, MeshState state) => Publish(opened.Refused, opened, state);

    private MeshState Close(OpenCase closing, BlameAnswer answer, MeshState state)
    {
        if (answer.Guilty.IsEmpty)
        {
            state = Publish(closing.Refused, null, state);
            return Unexplained(closing.Refused, state);
        }

        _attempts.Clear();
        foreach (var entry in closing.Entries(answer.Guilty, isTrial: false))
        {
            _convictions.Add(entry);
        }

        foreach (var item in answer.Guilty)
        {
            _plugins.Current.Find(item.Plugin)?.Usage.Rejected();
            Log.Quarantined(_logger, item.Plugin, item.Slot.Name, item.Origin?.ToString() ?? "no object", closing.Refused.Refusal.Proxy, closing.Refused.Refusal.Message);
        }

        return Publish(closing.Refused, null, state);
    }

    private MeshState Publish(RefusedResources refused, OpenCase? open, MeshState state)
    {
        _case = open;
        Quarantine = new([.. _convictions.All, .. open?.Entries(open.Search.LeftOut, isTrial: true) ?? []]);
        state = state with { Contributions = state.Contributions.Under(Quarantine) };
        _scopes.PolicyChanged();
        _scopes.Finish(state);
        foreach (var proxy in Unnamed(refused, open is null))
        {
            _streams.ForgiveUnnamed(proxy, refused.TypeUrl);
        }

        Await(state.Snapshot.Revision);
        if (refused.Live.IsHeld)
        {
            RollBack(refused, state);
        }

        return state;
    }

    // A proxy that does not answer holds nobody up for long.
    private void Await(long revision)
    {
        var patience = new CancellationTokenSource(Patience, _time);
        _answered = _cache.WhenAcknowledgedAsync(revision, patience.Token);
        _ = _answered.ContinueWith(
            _ =>
            {
                patience.Dispose();
                Look();
            }, TaskScheduler.Default);
    }

    // Proxies that refused others in the company of what has been taken out: during a trial that is in one scope, afterwards perhaps in many.
    private string[] Unnamed(RefusedResources refused, bool everywhere) =>
    [
        .. _rejections.All.Where(rejection => !rejection.IsNamed && string.Equals(rejection.TypeUrl, refused.TypeUrl, StringComparison.Ordinal))
            .Select(rejection => rejection.ProxyId).Distinct(StringComparer.Ordinal).Where(proxy => everywhere || refused.Live.Scope.Equals(_proxies.ScopeOf(proxy))),
    ];

    // Other proxies of the scope, and those that come, shall have what the one that refused still has.
    private void RollBack(RefusedResources refused, MeshState state)
    {
        foreach (var acknowledged in refused.Acknowledged(_streams, _proxies).DistinctBy(resource => resource.Name))
        {
            _scopes.RollBack(refused.Live, state, acknowledged);
        }
    }

    private MeshState Unexplained(RefusedResources refused, MeshState state)
    {
        if (_unexplained.TryAdd(refused.Key, refused))
        {
            Log.Unexplained(_logger, refused.Refusal.Proxy, refused.Refusal.Resource, refused.Refusal.Message);
        }

        Look();
        return state;
    }

    private static partial class Log
    {
        [LoggerMessage(5050, LogLevel.Warning, "Plugin {Plugin}, {Slot}, {Object}: in quarantine, since {Proxy} refused it: {Message}")]
        public static partial void Quarantined(ILogger logger, string plugin, string slot, string @object, string proxy, string message);

        [LoggerMessage(5051, LogLevel.Error, "{Proxy} refused {Resource}, and no plugin is to blame: {Message}")]
        public static partial void Unexplained(ILogger logger, string proxy, string resource, string message);
    }
}
