using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Resources;
using OsmExt.Tests.Shared;

namespace OsmExt.Kubernetes.Tests.Cluster;

/// <summary>Many objects, many faults: in the end the mesh knows what the server has, and has been told nothing twice on the way.</summary>
public sealed class UnreliableServerTests
{
    private const int Objects = 10_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task After_a_thousand_faults_all_is_as_the_server_has_it(int seed)
    {
        // So few changes are kept that what was missed in an outage is often forgotten.
        await using var cluster = await TestCluster.StartAsync(new() { KeptChanges = 200, Seed = seed, BookmarkInterval = TimeSpan.FromMilliseconds(50) });
        foreach (var number in Enumerable.Range(0, Objects))
        {
            await cluster.Server.CreateAsync(Object(number, 0), CancellationToken.None);
        }

        using var network = new UnreliableNetwork(seed, 1000);
        using var client = new ClusterClient(new k8s.Kubernetes(cluster.Connection.Configuration, network), TimeProvider.System);
        await using var reading = new ReadCluster(client, new()
        {
            Reflectors = ReadCluster.Hasty with { PageSize = 300, WatchTimeout = TimeSpan.FromSeconds(1), WatchGrace = TimeSpan.FromSeconds(2), Streams = seed % 2 == 0 },
        });

        var random = new Random(seed);
        var next = Objects;
        var present = Enumerable.Range(0, Objects).ToList();
        for (var change = 0; !network.Calm.Task.IsCompleted; change++)
        {
            var at = random.Next(present.Count);
            switch (random.Next(3))
            {
                case 0:
                    await cluster.ApplyAsync(Object(present[at], change));
                    break;
                case 1:
                    var (_, kind, ns, name) = NameOf(present[at]);
                    await cluster.DeleteAsync(NameOf(present[at]).ApiVersion, kind, ns, name);
                    present.RemoveAt(at);
                    break;
                default:
                    await cluster.ApplyAsync(Object(next, change));
                    present.Add(next++);
                    break;
            }
        }

        Assert.Equal(1000, network.Injected);
        await cluster.ApplyAsync(Object(next, 0));
        var expected = await ExpectedAsync(cluster);
        var last = expected.Keys.Count;
        await reading.UntilAsync(now => now.Count == last && now.AllObjects().All(found => found.Equals(expected.GetValueOrDefault(found.Key))), "It is not what the server has");
        Assert.True(last > Objects / 2);
    }

    [Fact]
    public async Task A_server_that_comes_back_is_not_stormed_with_lists()
    {
        await using var cluster = await TestCluster.StartAsync();
        for (var number = 0; number < 200; number++)
        {
            await cluster.Server.CreateAsync(Object(number, 0), CancellationToken.None);
        }

        using var outage = new Outage();
        var calls = new RecordedCalls();
        using var client = new ClusterClient(new k8s.Kubernetes(cluster.Connection.Configuration, outage), TimeProvider.System, calls);
        await using var reading = new ReadCluster(client, new() { Reflectors = ReadCluster.Hasty });
        await reading.SyncedAsync();
        var changes = reading.Changes;

        outage.Begin();
        await cluster.ApplyAsync(Object(1, 7));
        await outage.SeenAsync(50);
        outage.End();

        await reading.UntilAsync(_ => reading.Changes == changes + 1, "The change of the outage was not made up for");
        Assert.Equal(0, calls.ListedAgain);
    }

    // Everything the server has, as decoded from a list of each kind.
    private static async Task<Dictionary<ResourceKey, Resource>> ExpectedAsync(TestCluster cluster)
    {
        var all = new Dictionary<ResourceKey, Resource>();
        foreach (var kind in ResourceKinds.All.Where(kind => kind.Kind != EndpointSlice.LegacyKind))
        {
            var resource = await new KindCatalog(cluster.Client).FindAsync(kind, CancellationToken.None);
            if (resource is null)
            {
                continue;
            }

            var decoder = new ObjectDecoder(kind, resource.Version, new());
            var list = await cluster.Client.AskAsync(new("list", resource.Plural, resource.All), CancellationToken.None);
            foreach (var item in list["items"]!.AsArray())
            {
                var found = ApiObject.Read(System.Text.Encoding.UTF8.GetBytes(item!.ToJsonString()));
                if (decoder.Read(found).Resource is { } read)
                {
                    all.Add(read.Key, read);
                }
            }
        }

        return all;
    }

    private static (string ApiVersion, string Kind, string Namespace, string Name) NameOf(int number) => (number % 3) switch
    {
        0 => ("v1", "Service", "default", $"service-{number}"),
        1 => ("v1", "ServiceAccount", "default", $"account-{number}"),
        _ => ("specs.smi-spec.io/v1alpha4", "TCPRoute", "default", $"route-{number}"),
    };

    private static JsonObject Object(int number, int version)
    {
        var (apiVersion, kind, ns, name) = NameOf(number);
        var value = new JsonObject
        {
            ["apiVersion"] = apiVersion, ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns, ["labels"] = new JsonObject { ["version"] = $"v{version}" } },
        };
        if (kind == "Service")
        {
            value["spec"] = new JsonObject { ["ports"] = new JsonArray(new JsonObject { ["port"] = 80 + (version % 100) }) };
        }
        else if (kind == "TCPRoute")
        {
            value["spec"] = new JsonObject { ["matches"] = new JsonObject { ["ports"] = new JsonArray(80 + (version % 100)) } };
        }

        return value;
    }

    /// <summary>A server that is away for a while: what was open breaks, and nothing can be opened.</summary>
    private sealed class Outage : DelegatingHandler
    {
        private CancellationTokenSource _isAway = new();
        private int _refused;
        private bool _isOver = true;

        public void Begin()
        {
            _isOver = false;
            _isAway.Cancel();
        }

        public void End() => (_isOver, _isAway) = (true, new());

        public async Task SeenAsync(int attempts)
        {
            using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (Volatile.Read(ref _refused) < attempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, bound.Token);
            }
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!_isOver)
            {
                Interlocked.Increment(ref _refused);
                throw new HttpRequestException("Connection refused");
            }

            var response = await base.SendAsync(request, cancellationToken);
            response.Content = new StreamContent(new Breakable(await response.Content.ReadAsStreamAsync(cancellationToken), _isAway.Token));
            return response;
        }

        protected override void Dispose(bool disposing)
        {
            _isAway.Dispose();
            base.Dispose(disposing);
        }

        private sealed class Breakable(Stream inner, CancellationToken broken) : ReadOnlyStream
        {
            public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(broken, cancellationToken);
                try
                {
                    return await inner.ReadAsync(buffer, either.Token);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    throw new IOException("The connection was reset");
                }
            }
        }
    }
}
