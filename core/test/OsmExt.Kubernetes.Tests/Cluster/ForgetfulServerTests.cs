using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;
using OsmExt.Tests.Shared;

namespace OsmExt.Kubernetes.Tests.Cluster;

/// <summary>A server that says that nothing is there any more: restored from nothing, just started, or right.</summary>
public sealed class ForgetfulServerTests : IAsyncLifetime, IDisposable
{
    private const int Services = 30;
    private const int Lists = 3;

    private readonly Amnesia _amnesia = new();
    private TestCluster _cluster = null!;
    private ClusterClient _client = null!;
    private ReadCluster _reading = null!;

    public async Task InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync();
        for (var number = 0; number < Services; number++)
        {
            await _cluster.ApplyAsync($"apiVersion: v1\nkind: Service\nmetadata: {{name: s-{number}, namespace: default}}\nspec: {{ports: [{{port: 80}}]}}");
        }

        await _cluster.ApplyAsync("apiVersion: specs.smi-spec.io/v1alpha4\nkind: HTTPRouteGroup\nmetadata: {name: routes, namespace: default}\nspec: {matches: [{name: all, pathRegex: '.*', methods: [GET]}]}");
        _client = new(new k8s.Kubernetes(_cluster.Connection.Configuration, _amnesia), TimeProvider.System);
        _reading = new(_client, new()
        {
            LookForKinds = TimeSpan.FromMilliseconds(20), Reflectors = ReadCluster.Hasty with { WatchTimeout = TimeSpan.FromSeconds(1), DoubtedLists = Lists, DoubtPause = TimeSpan.FromMilliseconds(50) },
        });
        await _reading.UntilAsync(now => now.All<Service>().Count() == Services && now.All<HttpRouteGroup>().Any(), "It is not read");
    }

    public async Task DisposeAsync()
    {
        await _reading.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    public void Dispose()
    {
        _client.Dispose();
        _amnesia.Dispose();
    }

    [Fact]
    public async Task Another_clusters_emptiness_is_never_believed()
    {
        _amnesia.Begin(Forgets.AllAndWhoItIs);
        await _amnesia.ListedAsync("services", Lists * 3);

        Assert.Equal(Services, _reading.Snapshot.All<Service>().Count());
        var said = await _reading.UntilAsync(now => now.Diagnostics.Any(finding => finding.Code == DiagnosticCodes.ListDoubted && finding.Message.Contains("30 of 30 Service", StringComparison.Ordinal)), "Nobody is told");
        Assert.Contains(said.Diagnostics, finding => finding.Advice.Contains("another cluster", StringComparison.Ordinal));

        _amnesia.End();
        await _reading.UntilAsync(now => now.All<Service>().Count() == Services && !now.Diagnostics.Any(finding => finding.Code == DiagnosticCodes.ListDoubted), "It goes on when the server is itself again");
    }

    [Fact]
    public async Task The_same_clusters_emptiness_is_believed_when_it_was_said_often_enough()
    {
        _amnesia.Begin(Forgets.All);
        await _amnesia.ListedAsync("services", Lists - 1);
        Assert.Equal(Services, _reading.Snapshot.All<Service>().Count());
        await _reading.UntilAsync(now => !now.All<Service>().Any(), "It is never believed");
        Assert.True(_amnesia.Listed("services") >= Lists, $"Believed after {_amnesia.Listed("services")} lists");
    }

    [Fact]
    public async Task Few_that_are_gone_are_gone_at_once()
    {
        _amnesia.Begin(Forgets.One);
        await _reading.UntilAsync(now => now.All<Service>().Count() == Services - 1, "One that is gone stays");
        Assert.DoesNotContain(_reading.Snapshot.Diagnostics, finding => finding.Code == DiagnosticCodes.ListDoubted);
    }

    [Fact]
    public async Task A_kind_that_is_not_served_for_a_moment_keeps_its_objects()
    {
        _amnesia.Begin(Forgets.Kinds);
        await _reading.UntilAsync(now => now.Diagnostics.Any(finding => finding.Code == DiagnosticCodes.ListDoubted && finding.Message.Contains("does not serve HTTPRouteGroup any more", StringComparison.Ordinal)), "Nobody is told");
        Assert.Single(_reading.Snapshot.All<HttpRouteGroup>());
        _amnesia.End();
        await _reading.UntilAsync(now => !now.Diagnostics.Any(finding => finding.Code == DiagnosticCodes.ListDoubted), "It goes on");
        Assert.Single(_reading.Snapshot.All<HttpRouteGroup>());

        _amnesia.Begin(Forgets.Kinds);
        await _reading.UntilAsync(now => !now.All<HttpRouteGroup>().Any(), "A kind that is gone for good stays");
    }

    private enum Forgets
    {
        Nothing,
        One,
        All,
        AllAndWhoItIs,
        Kinds,
    }

    /// <summary>Stands before the server and answers lists and watches as one that has forgotten.</summary>
    private sealed class Amnesia : DelegatingHandler
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, int> _lists = new(StringComparer.Ordinal);
        private volatile Forgets _forgets;

        public void Begin(Forgets what) => _forgets = what;

        public void End() => _forgets = Forgets.Nothing;

        public int Listed(string plural)
        {
            lock (_lock)
            {
                return _lists.GetValueOrDefault(plural);
            }
        }

        public async Task ListedAsync(string plural, int times)
        {
            using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (Listed(plural) < times)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, bound.Token);
            }
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var (forgets, path, query) = (_forgets, request.RequestUri!.AbsolutePath, request.RequestUri.Query);
            var (plural, isInitial) = (path.Split('/')[^1], query.Contains("sendInitialEvents", StringComparison.Ordinal));
            if (forgets == Forgets.Nothing || request.Method != HttpMethod.Get)
            {
                return await base.SendAsync(request, cancellationToken);
            }

            if (query.Contains("kube-system", StringComparison.Ordinal))
            {
                return forgets == Forgets.AllAndWhoItIs ? Answer("""{"metadata": {"resourceVersion": "1"}, "items": []}""") : await base.SendAsync(request, cancellationToken);
            }

            if (forgets == Forgets.Kinds)
            {
                return path.StartsWith("/apis/specs.smi-spec.io", StringComparison.Ordinal) ? Answer("""{"kind": "Status", "code": 404, "message": "the server could not find the requested resource"}""", HttpStatusCode.NotFound)
                    : await base.SendAsync(request, cancellationToken);
            }

            if (plural != "services")
            {
                return await base.SendAsync(request, cancellationToken);
            }

            if (query.Contains("watch=1", StringComparison.Ordinal) && !isInitial)
            {
                return Answer("""{"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old resource version"}}""" + "\n");
            }

            if (isInitial)
            {
                return Answer("""{"message": "sendInitialEvents is forbidden"}""", HttpStatusCode.UnprocessableEntity);
            }

            lock (_lock)
            {
                _lists[plural] = _lists.GetValueOrDefault(plural) + 1;
            }

            if (forgets != Forgets.One)
            {
                return Answer("""{"metadata": {"resourceVersion": "1"}, "items": []}""");
            }

            var list = JsonNode.Parse(await (await base.SendAsync(request, cancellationToken)).Content.ReadAsStringAsync(cancellationToken))!;
            list["items"]!.AsArray().RemoveAt(0);
            return Answer(list.ToJsonString());
        }

        private static HttpResponseMessage Answer(string text, HttpStatusCode status = HttpStatusCode.OK) => new(status) { Content = new StringContent(text, Encoding.UTF8, "application/json") };
    }
}
