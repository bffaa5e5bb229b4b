using Microsoft.Extensions.Time.Testing;
using OsmExt.Envoy;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Snapshots;

namespace OsmExt.Xds.Tests;

/// <summary>
/// The client's end of a stream's state, without a network. What is sent is printed: <c>CDS a b -c</c> is a cluster response
/// with resources a and b that removes c.
/// </summary>
internal sealed class Wire
{
    private static readonly Dictionary<string, string> Abbreviations = new(StringComparer.Ordinal)
    {
        ["CDS"] = TypeUrls.Cluster,
        ["EDS"] = TypeUrls.Endpoint,
        ["LDS"] = TypeUrls.Listener,
        ["RDS"] = TypeUrls.Route,
        ["VHDS"] = TypeUrls.VirtualHost,
        ["SDS"] = TypeUrls.Secret,
    };

    private readonly Dictionary<string, string[]> _names = [];
    private readonly int _maxResponseBytes;
    private StreamState _state;
    private XdsSnapshot? _snapshot;
    private long _revision;
    private ulong _streams = 8;

    public Wire(XdsVariant variant, ProxyRejections? rejections = null, int maxResponseBytes = 1 << 20)
    {
        Variant = variant;
        Rejections = rejections ?? new ProxyRejections("proxy");
        Clock = new FakeTimeProvider();
        _maxResponseBytes = maxResponseBytes;
        _state = NewStream(7);
    }

    public static TheoryData<string> Variants => ["sotw", "delta"];

    public XdsVariant Variant { get; }

    public FakeTimeProvider Clock { get; }

    public ProxyRejections Rejections { get; }

    public StreamState State => _state;

    public bool IsAway { get; private set; }

    public Dictionary<string, XdsResponse> Last { get; } = [];

    /// <summary>Told what happens.</summary>
    public Action<string>? Tell { get; set; }

    public static Wire Of(string variant) => new(variant == "delta" ? XdsVariant.Delta : XdsVariant.StateOfTheWorld);

    public static string TypeUrl(string type) => Abbreviations.GetValueOrDefault(type, type);

    public static string Abbreviation(string typeUrl) => Abbreviations.FirstOrDefault(a => a.Value == typeUrl).Key ?? typeUrl;

    /// <summary>Everything the stream may have from now on.</summary>
    public Wire Publish(params XdsResource[] resources)
    {
        var before = _snapshot;
        _snapshot = XdsSnapshot.Create(++_revision, resources);
        if (before is null)
        {
            _state.Replace(new(_snapshot));
        }
        else
        {
            _state.Advance(new(_snapshot), _snapshot.ChangesSince(before));
        }

        return this;
    }

    public Wire Change(params XdsResource[] changed) => Patch([.. changed.Select(XdsChange.Set)]);

    public Wire Remove(string type, params string[] names) => Patch([.. names.Select(name => XdsChange.Remove(TypeUrl(type), name))]);

    public Wire Patch(params XdsChange[] changes)
    {
        Tell?.Invoke(string.Join(' ', changes.Select(c => $"world: {TypeUrls.ShortName(c.TypeUrl)} {c.Name} {c.Resource?.Version ?? "gone"}")));
        _snapshot = _snapshot!.With(++_revision, changes);
        if (!IsAway)
        {
            _state.Advance(new(_snapshot), changes);
        }

        return this;
    }

    /// <summary>The stream breaks; until the next, changes reach nobody.</summary>
    public void Disconnect()
    {
        Tell?.Invoke("disconnect");
        IsAway = true;
    }

    /// <summary>Another stream of the same proxy, looking at the same snapshot.</summary>
    public void Reconnect()
    {
        Tell?.Invoke("reconnect");
        IsAway = false;
        _state = NewStream(_streams++);
        _state.Replace(new(_snapshot!));
        Last.Clear();
    }

    /// <summary>State of the world: all names wanted. Delta: names wanted in addition.</summary>
    public RequestCase Ask(string type, params string[] names)
    {
        _names[type] = names;
        var nonce = Variant == XdsVariant.StateOfTheWorld && Last.TryGetValue(type, out var last) ? last.Nonce : "";
        return Send(new(TypeUrl(type)) { Subscribe = names, Nonce = nonce });
    }

    public RequestCase Resume(string type, Dictionary<string, string> versions, params string[] names) => Resume(type, versions, versions.Count > 0, names);

    /// <param name="hasHistory">State of the world: whether it names the version it accepted last.</param>
    public RequestCase Resume(string type, Dictionary<string, string> versions, bool hasHistory, string[] names)
    {
        _names[type] = names;
        var request = new TypeRequest(TypeUrl(type)) { Subscribe = names, HasHistory = hasHistory };
        return Send(Variant == XdsVariant.Delta ? request with { InitialVersions = versions } : request);
    }

    public RequestCase Unsubscribe(string type, params string[] names) => Send(new(TypeUrl(type)) { Unsubscribe = names });

    public RequestCase Ack(string type) => Send(Answer(type, Last[type].Nonce, null));

    public RequestCase Nack(string type, string error) => Send(Answer(type, Last[type].Nonce, error));

    public RequestCase Say(string type, string nonce, string? error = null) => Send(Answer(type, nonce, error));

    public RequestCase Send(TypeRequest request)
    {
        var outcome = _state.Handle(request).Case;
        Tell?.Invoke($"  -> {TypeUrls.ShortName(request.TypeUrl)} +[{string.Join(' ', request.Subscribe)}] -[{string.Join(' ', request.Unsubscribe)}] {request.Nonce} {request.Error}: {outcome}");
        return outcome;
    }

    /// <summary>Everything that may be sent now, without any answer from the client.</summary>
    public string[] Sent()
    {
        var sent = new List<string>();
        while (Next() is { } line)
        {
            sent.Add(line);
        }

        return [.. sent];
    }

    /// <summary>Everything that is sent to a client that accepts everything at once.</summary>
    public string[] Settle()
    {
        var sent = new List<string>();
        while (Next() is { } line)
        {
            sent.Add(line);
            Ack(line.Split(' ')[0]);
        }

        return [.. sent];
    }

    public string? Next()
    {
        if (_state.Next() is not { } response)
        {
            Assert.False(_state.Hold() <= TimeSpan.Zero, "something is overdue and is not sent");
            return null;
        }

        var type = Abbreviation(response.TypeUrl);
        Last[type] = response;
        _state.Written(response);
        Tell?.Invoke($"  <- {type} {string.Join(' ', response.Resources.Select(r => $"{r.Name}@{r.Version[..6]}"))} {string.Join(' ', response.Removed.Select(n => "-" + n))} {response.Nonce}");
        return string.Join(' ', response.Resources.Select(r => r.Name).Prepend(type).Concat(response.Removed.Select(n => "-" + n)));
    }

    private StreamState NewStream(ulong tag) => new(new(Variant, new NonceSequence(tag), Rejections, Clock) { MaxResponseBytes = _maxResponseBytes });

    private TypeRequest Answer(string type, string nonce, string? error) => new(TypeUrl(type))
    {
        Nonce = nonce,
        Error = error,
        Subscribe = Variant == XdsVariant.StateOfTheWorld ? _names.GetValueOrDefault(type, []) : [],
    };
}
