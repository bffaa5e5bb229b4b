using Microsoft.Extensions.Time.Testing;
using OsmExt.Envoy;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Server;
using OsmExt.Xds.Snapshots;

namespace OsmExt.Xds.Tests.Snapshots;

public sealed class SnapshotCacheTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _clock = new();
    private readonly SnapshotCache _cache;

    public SnapshotCacheTests() => _cache = new(_clock);

    [Fact]
    public void Only_streams_of_the_scope_with_something_to_send_are_woken()
    {
        var a = Open("a");
        var idle = Open("a");
        var other = Open("b");
        _cache.Publish("a", XdsSnapshot.Create(1, [Some.Route("r"), Some.Route("s")]));
        _cache.Publish("b", XdsSnapshot.Create(1, [Some.Route("r")]));
        a.Subscribe("r");
        idle.Subscribe("s");
        other.Subscribe("r");
        Assert.Equal("r", a.Take());
        Assert.Equal("s", idle.Take());
        Assert.Equal("r", other.Take());
        var before = (idle.WakeUps, other.WakeUps);

        _cache.Patch("a", 2, [XdsChange.Set(Some.Route("r", 2))]);
        Assert.Equal("r", a.Take());
        _cache.Publish("a", XdsSnapshot.Create(3, [Some.Route("r", 2), Some.Route("s"), Some.Route("t")]));
        Assert.Equal("", a.Take());
        Assert.Equal(before, (idle.WakeUps, other.WakeUps));
        Assert.Equal(3, _cache.Get("a")!.Revision);
    }

    [Fact]
    public void A_stream_waits_for_the_first_snapshot_of_its_scope()
    {
        var stream = Open("later");
        stream.Subscribe("r");
        Assert.Equal("", stream.Take());
        Assert.Null(_cache.Patch("later", 1, [XdsChange.Set(Some.Route("r"))]));
        Assert.Null(stream.Stream.Describe().Revision);
        _cache.Publish("later", XdsSnapshot.Create(2, [Some.Route("r")]));
        Assert.Equal("r", stream.Take());
        Assert.Equal(2, stream.Stream.Describe().Revision);
    }

    [Fact]
    public void A_dropped_scope_leaves_its_streams_as_they_are_until_it_is_published_again()
    {
        var stream = Open("a");
        _cache.Publish("a", XdsSnapshot.Create(1, [Some.Route("r"), Some.Route("s")]));
        stream.Subscribe("r");
        stream.Take();
        _cache.Drop("a");
        Assert.Null(_cache.Get("a"));
        Assert.Empty(_cache.Scopes);
        stream.Subscribe("s");
        Assert.Equal("s", stream.Take());
        _cache.Publish("a", XdsSnapshot.Create(2, [Some.Route("r", 2)]));
        Assert.Equal("r", stream.Take());
        Assert.Equal("-s", stream.Take());
        stream.Stream.Close();
        _cache.Drop("a");
        _cache.Publish("a", XdsSnapshot.Create(3, []));
        Assert.Equal(["a"], _cache.Scopes);
    }

    [Fact]
    public void A_stream_moved_to_another_scope_is_sent_the_difference()
    {
        var stream = Open("v1");
        _cache.Publish("v1", XdsSnapshot.Create(1, [Some.Route("same"), Some.Route("r"), Some.Route("gone")]));
        stream.Subscribe("same", "r", "gone", "new");
        Assert.Equal("gone r same -new", stream.Take());
        stream.Stream.Move("v2");
        Assert.Equal("", stream.Take());
        _cache.Publish("v2", XdsSnapshot.Create(1, [Some.Route("same"), Some.Route("r", 2), Some.Route("new")]));
        Assert.Equal("new r", stream.Take());
        Assert.Equal("-gone", stream.Take());

        _cache.Patch("v1", 2, [XdsChange.Set(Some.Route("r", 3))]);
        Assert.Equal("", stream.Take());
        _cache.Patch("v2", 2, [XdsChange.Set(Some.Route("r", 4))]);
        Assert.Equal("r", stream.Take());
    }

    [Fact]
    public void A_stream_with_a_scope_of_its_own_waits_for_both_and_follows_both()
    {
        var stream = Open("shared", own: "own");
        stream.Subscribe("r", "key");
        _cache.Publish("own", XdsSnapshot.Create(1, [Some.Route("key")]));
        Assert.Equal("", stream.Take());
        _cache.Publish("shared", XdsSnapshot.Create(1, [Some.Route("r")]));
        Assert.Equal("key r", stream.Take());
        _cache.Patch("own", 2, [XdsChange.Set(Some.Route("key", 2))]);
        Assert.Equal("key", stream.Take());
        _cache.Patch("shared", 2, [XdsChange.Set(Some.Route("key", 3)), XdsChange.Set(Some.Route("r", 2))]);
        Assert.Equal("r", stream.Take());
    }

    [Fact]
    public async Task A_revision_has_converged_when_every_stream_has_answered_it()
    {
        _cache.Publish("a", XdsSnapshot.Create(1, [Some.Route("r")]));
        _cache.Publish("b", XdsSnapshot.Create(1, [Some.Route("r")]));
        Opened[] streams = [Open("a"), Open("a"), Open("b"), Open("a")];
        foreach (var stream in streams)
        {
            stream.Subscribe("r");
            stream.Take();
        }

        _cache.Publish("a", XdsSnapshot.Create(2, [Some.Route("r", 2)]));
        var converged = _cache.WhenAcknowledgedAsync(2);
        _clock.Advance(TimeSpan.FromSeconds(1));
        streams[0].Take();
        Assert.False(converged.IsCompleted);
        streams[1].Take(error: "no");
        streams[3].Stream.Close();
        Assert.Equal(new(2, TimeSpan.FromSeconds(1), 3), await converged.WaitAsync(Patience));
        Assert.Equal(0, (await _cache.WhenAcknowledgedAsync(2).WaitAsync(Patience)).Streams);
    }

    [Fact]
    public async Task Who_answers_before_anybody_waits_counts_too()
    {
        _cache.Publish("a", XdsSnapshot.Create(1, [Some.Route("r")]));
        Opened[] streams = [Open("a"), Open("a"), Open("a")];
        foreach (var stream in streams[..2])
        {
            stream.Subscribe("r");
            stream.Take();
        }

        await _cache.WhenAcknowledgedAsync(1).WaitAsync(Patience);
        _cache.Patch("a", 2, [XdsChange.Set(Some.Route("r", 2))]);
        streams[0].Take();
        streams[1].Take();
        Assert.Equal(2, (await _cache.WhenAcknowledgedAsync(2).WaitAsync(Patience)).Streams);
    }

    [Fact]
    public async Task A_later_change_does_not_make_an_earlier_revision_look_unanswered()
    {
        _cache.Publish("a", XdsSnapshot.Create(1, [Some.Route("r"), Some.Route("s")]));
        var stream = Open("a");
        stream.Subscribe("r", "s");
        stream.Take();
        _cache.Patch("a", 2, [XdsChange.Set(Some.Route("r", 2))]);
        var second = _cache.WhenAcknowledgedAsync(2);
        var response = stream.Stream.Next(out _)!;
        _cache.Patch("a", 3, [XdsChange.Set(Some.Route("s", 2))]);
        var third = _cache.WhenAcknowledgedAsync(3);
        stream.Answer(response);
        await second.WaitAsync(Patience);
        Assert.False(third.IsCompleted);
        stream.Take();
        await third.WaitAsync(Patience);
    }

    [Fact]
    public async Task Streams_come_go_and_move_while_snapshots_are_published()
    {
        // Races between publishing, dropping, attaching and moving end with every stream at its scope's last snapshot.
        const int Rounds = 200;
        string[] scopes = ["a", "b"];
        var streams = Enumerable.Range(0, 8).Select(i => Open(scopes[i % 2])).ToArray();
        foreach (var stream in streams)
        {
            stream.Subscribe("r");
        }

        await Task.WhenAll(
            Task.Run(() =>
            {
                for (var i = 1; i <= Rounds; i++)
                {
                    _cache.Publish("a", XdsSnapshot.Create(i, [Some.Route("r", i)]));
                    _cache.Publish("b", XdsSnapshot.Create(i, [Some.Route("r", 1000 + i)]));
                    if (i % 7 == 0 && i < Rounds)
                    {
                        _cache.Drop("b");
                    }
                }
            }),
            Task.Run(() =>
            {
                for (var i = 0; i <= Rounds; i++)
                {
                    streams[i % 8].Stream.Move(scopes[i % 3 % 2]);
                    streams[i % 8].Take();
                    Open("b").Stream.Close();
                }
            }));

        foreach (var stream in streams)
        {
            stream.Stream.Move("b");
            while (stream.Take().Length > 0)
            {
            }

            Assert.Equal(Some.Route("r", 1000 + Rounds).Version, stream.Stream.Describe().Types[0].Resources[0].Acknowledged);
        }
    }

    private Opened Open(string scope, string? own = null)
    {
        var opened = new Opened(scope, own, _clock);
        opened.Stream.Attach(_cache);
        return opened;
    }

    /// <summary>A delta stream subscribed to routes.</summary>
    private sealed class Opened
    {
        private int _wakeUps;

        public Opened(string scope, string? own, TimeProvider clock)
        {
            var context = new StreamContext(XdsVariant.Delta, new NonceSequence(1), new ProxyRejections("p"), clock);
            Stream = new(new ConnectedClient("p", scope, own), context, "", () => Interlocked.Increment(ref _wakeUps));
        }

        public XdsStream Stream { get; }

        public int WakeUps => _wakeUps;

        public void Subscribe(params string[] names) => Stream.Handle(new(TypeUrls.Route) { Subscribe = names });

        /// <summary>The next response, answered, as text; empty if there is none.</summary>
        public string Take(string? error = null)
        {
            if (Stream.Next(out _) is not { } response)
            {
                return "";
            }

            Answer(response, error);
            return string.Join(' ', response.Resources.Select(r => r.Name).Concat(response.Removed.Select(n => "-" + n)));
        }

        public void Answer(XdsResponse response, string? error = null) => Stream.Handle(new(TypeUrls.Route) { Nonce = response.Nonce, Error = error });
    }
}
