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
        var result = await converged.WaitAsync(Patience);
        Assert.Equal((2, TimeSpan.FromSeconds(1), 3, 0), (result.Revision, result.Elapsed, result.Streams, result.Open));
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
        Assert.Equal(2, (await _cache.FollowAsync(2, Patience).WaitAsync(Patience)).Streams);
    }

    [Fact]
    public async Task What_is_sent_and_who_was_last_is_told_of_those_that_it_concerns()
    {
        _cache.Publish("a", XdsSnapshot.Create(1, [Some.Route("r"), Some.Route("s")]));
        Opened[] streams = [Open("a"), Open("a", proxy: "slow"), Open("a")];
        foreach (var (stream, name) in streams.Zip(["r", "r", "s"]))
        {
            stream.Subscribe(name);
            stream.Take();
        }

        await _cache.FollowAsync(1, Patience).WaitAsync(Patience);
        _cache.Patch("a", 2, [XdsChange.Set(Some.Route("r", 2))]);
        var followed = _cache.FollowAsync(2, Patience);
        _clock.Advance(TimeSpan.FromSeconds(1));
        var responses = streams[..2].Select(stream => stream.Write()).ToArray();
        _clock.Advance(TimeSpan.FromSeconds(1));
        streams[0].Answer(responses[0]);
        _clock.Advance(TimeSpan.FromSeconds(1));
        streams[1].Answer(responses[1], "no");
        var result = await followed.WaitAsync(Patience);
        Assert.Equal((2, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), "slow"), (result.Streams, result.Sent, result.Elapsed, result.Last));
    }

    [Fact]
    public async Task A_proxy_that_never_answers_is_named_and_not_followed_for_ever()
    {
        _cache.Publish("a", XdsSnapshot.Create(1, [Some.Route("r")]));
        var (stuck, good) = (Open("a", proxy: "stuck"), Open("a"));
        stuck.Subscribe("r");
        good.Subscribe("r");
        stuck.Write();
        good.Take();
        await _cache.WhenAcknowledgedAsync(0).WaitAsync(Patience);

        // Many changes, of which none is answered by all: the oldest are given up.
        var followed = new List<Task<Converged>>();
        for (var revision = 2; revision < 402; revision++)
        {
            _cache.Patch("a", revision, [XdsChange.Set(Some.Route("r", revision))]);
            followed.Add(_cache.FollowAsync(revision, TimeSpan.FromMinutes(1)));
            good.Take();
        }

        await Task.WhenAll(followed[..144]).WaitAsync(Patience);
        Assert.Equal(256, followed.Count(task => !task.IsCompleted));
        var given = await followed[0].WaitAsync(Patience);
        Assert.Equal((2, 1), (given.Streams, given.Open));
        Assert.Equal(["stuck"], given.Unanswered);
        Assert.Null(given.Sent);

        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(1, (await followed[^1].WaitAsync(Patience)).Open);
    }

    [Fact]
    public void How_far_a_stream_is_behind_is_known()
    {
        _cache.Publish("a", XdsSnapshot.Create(3, [Some.Route("r")]));
        var stream = Open("a");
        stream.Subscribe("r");
        stream.Take();
        Assert.True(stream.Stream.Lag().Backlog.IsEmpty);
        var start = _clock.GetTimestamp();
        _cache.Patch("a", 4, [XdsChange.Set(Some.Route("r", 2))]);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _cache.Patch("a", 5, [XdsChange.Set(Some.Route("r", 3))]);
        Assert.Equal(new(4, 4, start), stream.Stream.Lag().Backlog);
        var response = stream.Stream.Next(out _)!;
        Assert.Equal(new(4, 4, start), stream.Stream.Lag().Backlog);
        Assert.Equal("RouteConfiguration", stream.Stream.Lag().Unread);
        stream.Stream.Written(response);
        Assert.Equal(new(long.MaxValue, 4, start), stream.Stream.Lag().Backlog);
        Assert.Equal("RouteConfiguration", stream.Stream.Lag().Unanswered);
        stream.Answer(response, "r is bad");
        Assert.True(stream.Stream.Lag().Backlog.IsEmpty);
        Assert.Equal("r is bad", Assert.Single(stream.Stream.Lag().Rejections).Message);
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

    private Opened Open(string scope, string? own = null, string proxy = "p")
    {
        var opened = new Opened(scope, own, proxy, _clock);
        opened.Stream.Attach(_cache);
        return opened;
    }

    /// <summary>A delta stream subscribed to routes.</summary>
    private sealed class Opened
    {
        private int _wakeUps;

        public Opened(string scope, string? own, string proxy, TimeProvider clock)
        {
            var context = new StreamContext(XdsVariant.Delta, new NonceSequence(1), new ProxyRejections(proxy), clock);
            Stream = new(new ConnectedClient(proxy, scope, own), context, "", () => Interlocked.Increment(ref _wakeUps));
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

        /// <summary>The next response, written and not answered.</summary>
        public XdsResponse Write()
        {
            var response = Stream.Next(out _)!;
            Stream.Written(response);
            return response;
        }

        public void Answer(XdsResponse response, string? error = null) => Stream.Handle(new(TypeUrls.Route) { Nonce = response.Nonce, Error = error });
    }
}
