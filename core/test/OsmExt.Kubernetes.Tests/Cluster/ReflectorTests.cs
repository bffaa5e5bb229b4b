using System.Net;
using OsmExt.Kubernetes.Cluster;

namespace OsmExt.Kubernetes.Tests.Cluster;

/// <summary>What a reflector makes of streams that go wrong, one after the other, in the smallest possible case.</summary>
public sealed class ReflectorTests : IAsyncDisposable
{
    private const string Pods = "api/v1/pods?";
    private const string Streaming = $"{Pods}watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";

    private readonly ScriptedServer _server = new();
    private readonly RecordingSink _sink = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string?> _troubles = [];
    private readonly ReflectorShare _share;
    private readonly ClusterClient _client;
    private Task _running = Task.CompletedTask;

    public ReflectorTests()
    {
        _share = new(new() { FirstWait = TimeSpan.FromMilliseconds(1), LongestWait = TimeSpan.FromMilliseconds(4), DoubtPause = TimeSpan.FromMilliseconds(1), ListSilence = TimeSpan.FromSeconds(60) }, TimeProvider.System, new(1));
        _client = _server.Client(TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.False(_running.IsFaulted, _running.Exception?.ToString());
        _client.Dispose();
        _stop.Dispose();
        _share.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task A_streaming_list_goes_over_into_the_watch()
    {
        var watch = _server.Watch(Added("a", 1), Added("b", 2), EndOfList(5));
        Start();
        Assert.Equal(Streaming, await _server.NextAsync());
        await _sink.ExpectAsync("begin a@1 b@2 end");
        watch.Send(Event("MODIFIED", "a", 6), Event("DELETED", "b", 7), Event("ADDED", "c", 8));
        await _sink.ExpectAsync("begin a@1 b@2 end ~a@6 -b ~c@8");
    }

    [Fact]
    public async Task Events_that_come_twice_or_late_are_passed_over()
    {
        var watch = _server.Watch(Added("a", 1), EndOfList(5));
        Start();
        await _sink.ExpectAsync("begin a@1 end");
        watch.Send(Event("MODIFIED", "a", 8), Event("MODIFIED", "a", 6), Event("DELETED", "a", 9), Event("ADDED", "a", 7), Event("MODIFIED", "a", 8), Event("ADDED", "b", 10));
        await _sink.ExpectAsync("begin a@1 end ~a@8 -a ~b@10");
        _server.Watch();
        watch.End();
        Assert.Equal([Streaming, Resumed(10)], await RequestsAsync(2));
    }

    [Fact]
    public async Task A_list_that_is_doubted_is_asked_for_again_and_believed_after_three()
    {
        var asked = new List<bool>();
        _sink.Keeps = isSure =>
        {
            asked.Add(isSure);
            return isSure ? null : new(3, 3);
        };
        const string SameCluster = """{"items": [{"metadata": {"uid": "u"}}]}""";
        _server.Watch(EndOfList(5));
        _server.List(SameCluster);
        _server.Watch(EndOfList(6));
        _server.List(SameCluster);
        _server.Watch(EndOfList(7));
        Start();
        await _sink.ExpectAsync("begin doubted begin doubted begin end");
        Assert.Equal([false, false, true], asked);
    }

    [Fact]
    public async Task What_changes_while_a_list_streams_is_part_of_the_list()
    {
        _server.Watch(Added("a", 1), Added("b", 2), Event("MODIFIED", "a", 3), Event("DELETED", "b", 4), EndOfList(5));
        Start();
        await _sink.ExpectAsync("begin a@1 b@2 a@3 -b end");
    }

    [Fact]
    public async Task A_server_without_streaming_lists_is_asked_for_pages()
    {
        _server.Status(HttpStatusCode.UnprocessableEntity, """{"message": "sendInitialEvents is forbidden"}""");
        _server.List("""{"metadata": {"resourceVersion": "9", "continue": "more"}, "items": [{"metadata": {"name": "a", "resourceVersion": "1"}}]}""");
        _server.List("""{"metadata": {"resourceVersion": "9"}, "items": [{"metadata": {"name": "b", "resourceVersion": "2"}}]}""");
        var watch = _server.Watch(Event("ADDED", "c", 10));
        Start();
        await _sink.ExpectAsync("begin a@1 b@2 end ~c@10");
        Assert.Equal([Streaming, $"{Pods}limit=500", $"{Pods}limit=500&continue=more", Resumed(9)], _server.Requests);
        watch.End();
    }

    [Fact]
    public async Task A_server_that_ignores_the_parameters_is_asked_for_pages_too()
    {
        _server.Ended($"{Added("a", 1)}\n");
        _server.List("""{"metadata": {"resourceVersion": "9"}, "items": null}""");
        _server.Watch();
        Start();
        await _sink.ExpectAsync("begin a@1 begin end");
        Assert.Equal([Streaming, $"{Pods}limit=500", Resumed(9)], await RequestsAsync(3));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_watch_that_ends_or_breaks_is_taken_up_where_it_was(bool breaks)
    {
        var first = _server.Watch(EndOfList(5), Event("ADDED", "a", 6));
        Start();
        await _sink.ExpectAsync("begin end ~a@6");
        _server.Watch(Event("ADDED", "b", 7));
        if (breaks)
        {
            first.Break();
        }
        else
        {
            first.End();
        }

        await _sink.ExpectAsync("begin end ~a@6 ~b@7");
        Assert.Equal([Streaming, Resumed(6)], await RequestsAsync(2));
    }

    [Fact]
    public async Task A_bookmark_moves_the_place_to_go_on_from()
    {
        var first = _server.Watch(EndOfList(5), """{"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "42"}}}""");
        _server.Watch();
        Start();
        await _sink.ExpectAsync("begin end");
        first.End();
        Assert.Equal([Streaming, Resumed(42)], await RequestsAsync(2));
    }

    [Fact]
    public async Task A_line_that_breaks_off_is_not_the_end_of_the_watch()
    {
        _server.Ended($"{EndOfList(5)}\n{Event("ADDED", "a", 6)}\n{Event("ADDED", "b", 7)[..^12]}");
        _server.Watch(Event("ADDED", "b", 7));
        Start();
        await _sink.ExpectAsync("begin end ~a@6 ~b@7");
        Assert.Equal([Streaming, Resumed(6)], await RequestsAsync(2));
        Assert.Contains(_troubles, trouble => trouble == "The watch broke off within an event");
    }

    [Fact]
    public async Task A_line_that_stays_broken_makes_it_list_anew()
    {
        _server.Ended($"{EndOfList(5)}\nnonsense\n");
        _server.Ended("nonsense\n");
        _server.Ended("nonsense\n");
        _server.List("""{"metadata": {"resourceVersion": "9"}, "items": []}""");
        _server.Watch();
        Start();
        Assert.Equal([Streaming, Resumed(5), Resumed(5), $"{Pods}limit=500", Resumed(9)], await RequestsAsync(5));
    }

    [Fact]
    public async Task An_error_within_the_watch_that_says_gone_makes_it_list_anew()
    {
        _server.Watch(EndOfList(5), """{"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old resource version"}}""");
        _server.Watch(Added("a", 8), EndOfList(9));
        Start();
        await _sink.ExpectAsync("begin end begin a@8 end");
        Assert.Equal([Streaming, Streaming], await RequestsAsync(2));
    }

    [Fact]
    public async Task An_error_within_the_watch_that_says_something_else_does_not()
    {
        _server.Watch(EndOfList(5), """{"type": "ERROR", "object": {"kind": "Status", "code": 500, "message": "etcd is tired"}}""");
        _server.Watch();
        Start();
        Assert.Equal([Streaming, Resumed(5)], await RequestsAsync(2));
        Assert.Contains(_troubles, trouble => trouble?.Contains("etcd is tired", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Gone_as_an_answer_makes_it_list_anew()
    {
        _server.Ended($"{EndOfList(5)}\n");
        _server.Status(HttpStatusCode.Gone, """{"code": 410, "message": "too old"}""");
        _server.Watch(Added("a", 8), EndOfList(9));
        Start();
        await _sink.ExpectAsync("begin end begin a@8 end");
        Assert.Equal([Streaming, Resumed(5), Streaming], await RequestsAsync(3));
    }

    [Fact]
    public async Task A_list_whose_pages_are_forgotten_is_read_in_one()
    {
        _server.Status(HttpStatusCode.BadRequest);
        _server.List("""{"metadata": {"resourceVersion": "9", "continue": "more"}, "items": [{"metadata": {"name": "a", "resourceVersion": "1"}}]}""");
        _server.Status(HttpStatusCode.Gone);
        _server.List("""{"metadata": {"resourceVersion": "12"}, "items": [{"metadata": {"name": "b", "resourceVersion": "11"}}]}""");
        _server.Watch();
        Start();
        Assert.Equal([Streaming, $"{Pods}limit=500", $"{Pods}limit=500&continue=more", Pods, Resumed(12)], await RequestsAsync(5));
        await _sink.ExpectAsync("begin a@1 begin b@11 end");
    }

    [Fact]
    public async Task A_server_that_is_away_is_not_listed_again_when_it_is_back()
    {
        _server.Ended($"{Added("a", 4)}\n{EndOfList(5)}\n");
        _server.Fail();
        _server.Status(HttpStatusCode.InternalServerError);
        _server.Status(HttpStatusCode.TooManyRequests, retryAfter: TimeSpan.FromMilliseconds(0));
        _server.Status(HttpStatusCode.Unauthorized);
        _server.Watch(Event("DELETED", "a", 6));
        Start();
        await _sink.ExpectAsync("begin a@4 end -a");
        Assert.All(_server.Requests.Skip(1), request => Assert.Equal(Resumed(5), request));
    }

    [Fact]
    public async Task A_streaming_list_that_breaks_begins_anew_and_forgets_what_it_had()
    {
        var first = _server.Watch(Added("a", 1));
        Start();
        await _sink.ExpectAsync("begin a@1");
        _server.Watch(Added("b", 2), EndOfList(5));
        first.Break();
        await _sink.ExpectAsync("begin a@1 begin b@2 end");
    }

    [Fact]
    public async Task A_kind_that_is_not_served_ends_it()
    {
        _server.Status(HttpStatusCode.NotFound);
        Start();
        await _running.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task One_object_is_asked_for_by_name()
    {
        _server.Watch(EndOfList(1));
        var reflector = new Reflector(_client, ApiResource.Secrets, _sink, _share) { Namespace = "shop", Name = "token" };
        _running = reflector.RunAsync(_stop.Token);
        Assert.Equal("api/v1/namespaces/shop/secrets?watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&fieldSelector=metadata.name=token",
            await _server.NextAsync());
    }

    private void Start() => _running = new Reflector(_client, new("", "v1", "pods"), _sink, _share) { Trouble = Trouble }.RunAsync(_stop.Token);

    private void Trouble(string? trouble)
    {
        lock (_troubles)
        {
            _troubles.Add(trouble);
        }
    }

    private async Task<IEnumerable<string>> RequestsAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await _server.NextAsync();
        }

        return _server.Requests.Take(count);
    }

    private static string Resumed(int version) => $"{Pods}watch=1&allowWatchBookmarks=true&resourceVersion={version}";

    private static string Added(string name, int version) => Event("ADDED", name, version);

    private static string Event(string type, string name, int version)
        => $$$"""{"type": "{{{type}}}", "object": {"kind": "Pod", "metadata": {"name": "{{{name}}}", "resourceVersion": "{{{version}}}"} } }""";

    private static string EndOfList(int version)
        => $$$"""{"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "{{{version}}}", "annotations": {"k8s.io/initial-events-end": "true"} } } }""";
}
