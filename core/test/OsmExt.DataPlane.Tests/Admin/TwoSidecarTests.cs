using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.DataPlane.Listeners;
using OsmExt.DataPlane.Streams;
using OsmExt.DataPlane.Tests.Discovery;
using OsmExt.DataPlane.Upstream;

namespace OsmExt.DataPlane.Tests.Admin;

/// <summary>
/// Requests from one embedded sidecar to another, with certificates and policy of a whole control plane. Addresses of pods are not real: whoever
/// dials one is led to the sidecar that stands for it.
/// </summary>
public sealed class TwoSidecarTests : IAsyncLifetime, IDisposable
{

    private readonly MeshDirectory _mesh = new();
    private readonly Network _network = new();
    private readonly List<SidecarFiles> _files = [];
    private readonly List<IAsyncDisposable> _running = [];
    private RunningControlPlane _plane = null!;

    public async Task InitializeAsync()
    {
        _mesh.Write("endpoints-store.yaml", Shop.StoreEndpoints(second: false));
        _plane = await RunningControlPlane.StartAsync(_mesh);
        await StartApplicationAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var running in Enumerable.Reverse(_running))
        {
            await running.DisposeAsync();
        }

        await _plane.DisposeAsync();
    }

    public void Dispose()
    {
        _files.ForEach(files => files.Dispose());
        _mesh.Dispose();
    }

    [Fact]
    public async Task A_request_that_the_policy_allows_arrives_and_others_are_refused()
    {
        var (buyer, store) = (await StartAsync(Shop.Buyer, "10.0.0.1"), await StartAsync(Shop.Store1, "10.0.0.3"));
        using var client = Client(buyer);

        var books = await client.GetAsync(new Uri("http://store.shop/books"));
        Assert.Equal((HttpStatusCode.OK, "hello from /books"), (books.StatusCode, await books.Content.ReadAsStringAsync()));
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync(new Uri("http://store.shop/papers"))).StatusCode);

        // What has ended is counted right after whoever waits for the answer has it.
        await Wait.UntilAsync(async () => (await PageAsync(store, "/stats", ("filter", "rbac"))).Contains("rbac.denied: 1\n", StringComparison.Ordinal), () => _plane.Logs.Text);
        var stats = "";
        await Wait.UntilAsync(
            async () => (stats = await PageAsync(buyer, "/stats/prometheus")).Contains("envoy_cluster_upstream_rq_total{envoy_cluster_name=\"shop/store|8080\"} 2", StringComparison.Ordinal), () => stats);
        Assert.Contains("envoy_cluster_upstream_rq_xx{envoy_cluster_name=\"shop/store|8080\",envoy_response_code_class=\"2\"} 1", stats, StringComparison.Ordinal);
        Assert.Contains("envoy_cluster_upstream_rq_xx{envoy_cluster_name=\"shop/store|8080\",envoy_response_code_class=\"4\"} 1", stats, StringComparison.Ordinal);
        Assert.Contains("10.0.0.3:8080::rq_total::", await PageAsync(buyer, "/clusters"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_policy_holds_for_the_next_request_of_an_open_connection()
    {
        var (buyer, store) = (await StartAsync(Shop.Buyer, "10.0.0.1"), await StartAsync(Shop.Store1, "10.0.0.3"));
        using var client = Client(buyer);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("http://store.shop/books"))).StatusCode);

        var before = store.Keeper.Configuration;
        _mesh.Write("policy.yaml", Shop.Policy(path: "/papers.*"));
        await Wait.UntilAsync(() => !ReferenceEquals(store.Keeper.Configuration, before), () => _plane.Logs.Text);
        await _plane.SettledAsync();

        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync(new Uri("http://store.shop/books"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("http://store.shop/papers"))).StatusCode);
    }

    private static async Task<string> PageAsync(EmbeddedProxy proxy, string path, params (string Name, string Value)[] query)
        => (await proxy.Pages.AnswerAsync("GET", path, query.ToDictionary(entry => entry.Name, entry => entry.Value, StringComparer.Ordinal), CancellationToken.None)).Body;

    private async Task<EmbeddedProxy> StartAsync(string pod, string address)
    {
        var files = new SidecarFiles(_plane.IdentityOf(pod), _plane);
        _files.Add(files);
        var proxy = await EmbeddedProxy.StartAsync(new()
        {
            Bootstrap = files.Bootstrap(new("127.0.0.1", _plane.XdsAddress.Port)),
            HasAdmin = false,
            Traffic = new() { Binds = false, Dialer = new PodDialer(_network, IPAddress.Parse(address)) },
        });
        _running.Add(proxy);
        await proxy.Live.WaitAsync(Wait.Bound, TimeProvider.System);
        _network.Pods[IPAddress.Parse(address)] = proxy;
        return proxy;
    }

    // Requests leave as from the pod's application: through interception, to the service's address.
    private static HttpClient Client(EmbeddedProxy sidecar) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = (_, _) => ValueTask.FromResult(Network.Open(
            sidecar, new(IPAddress.Parse("10.0.0.1"), 40_000), new(IPAddress.Parse("10.96.0.1"), 80), redirectedTo: 15001)),
    });

    private async Task StartApplicationAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        application.Run(context => context.Response.WriteAsync($"hello from {context.Request.Path}"));
        await application.StartAsync();
        _running.Add(application);
        _network.Application = new(IPAddress.Loopback, new Uri(application.Urls.First()).Port);
    }

    private sealed class Network
    {
        public Dictionary<IPAddress, EmbeddedProxy> Pods { get; } = [];

        public IPEndPoint Application { get; set; } = null!;

        public static Stream Open(EmbeddedProxy sidecar, IPEndPoint source, IPEndPoint destination, int redirectedTo)
        {
            var (near, far) = StreamPair.Create();
            _ = sidecar.AcceptAsync(new Arrival(far, source, destination, redirectedTo));
            return near;
        }
    }

    private sealed class PodDialer(Network network, IPAddress own) : IDialer
    {
        private readonly SocketDialer _sockets = new();

        public ValueTask<Stream> DialAsync(IPEndPoint destination, CancellationToken stop)
            => IPAddress.IsLoopback(destination.Address) || destination.Address.Equals(own) ? _sockets.DialAsync(network.Application, stop)
                : network.Pods.TryGetValue(destination.Address, out var pod)
                    ? ValueTask.FromResult(Network.Open(pod, new(own, 41_000), destination, redirectedTo: 15003))
                    : throw new SocketException((int)SocketError.HostUnreachable);
    }
}
