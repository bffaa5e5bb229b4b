using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.DataPlane.Streams;
using OsmExt.DataPlane.Tests.Discovery;
using OsmExt.DataPlane.Tests.Mesh;
using OsmExt.DataPlane.Upstream;

namespace OsmExt.DataPlane.Tests.Churn;

/// <summary>A control plane with four embedded sidecars, and the applications behind them. Addresses of pods lead to the sidecars that stand for them.</summary>
internal sealed class ShopUnderLoad : IAsyncDisposable
{
    private static readonly IPAddress Buyer = IPAddress.Parse("10.0.0.1");
    private readonly Dictionary<IPAddress, EmbeddedProxy> _pods = [];
    private readonly Dictionary<int, TestServer> _applications = [];
    private readonly List<SidecarFiles> _files = [];
    private int _source = 40_000;

    public MeshDirectory Mesh { get; } = new();

    public RunningControlPlane Plane { get; private set; } = null!;

    /// <summary>How often each request arrived at an application.</summary>
    public ConcurrentDictionary<string, int> Arrived { get; } = new(StringComparer.Ordinal);

    /// <summary>What applications were told of their clients.</summary>
    public ConcurrentDictionary<string, byte> Clients { get; } = new(StringComparer.Ordinal);

    public IEnumerable<EmbeddedProxy> Sidecars => _pods.Values;

    public static async Task<ShopUnderLoad> StartAsync()
    {
        var shop = new ShopUnderLoad();
        shop.Mesh.Write("workloads.yaml", Changes.Base);
        shop.Mesh.Write("policy.yaml", Changes.Policy(""));
        shop.Mesh.Write("endpoints-store.yaml", Changes.Endpoints("store", "http-web", 8080, ("store-1", 3), ("store-2", 4)));
        shop.Mesh.Write("endpoints-others.yaml", string.Join("\n---\n", Changes.Endpoints("api", "grpc-api", 8081, ("store-1", 3), ("store-2", 4)),
            Changes.Endpoints("store-a", "http-web", 8080, ("store-1", 3)), Changes.Endpoints("store-b", "http-web", 8080, ("store-2", 4))));
        shop.Plane = await RunningControlPlane.StartAsync(shop.Mesh);
        shop._applications[8080] = await TestServer.HttpAsync(shop.AnswerAsync);
        shop._applications[8081] = await TestServer.HttpAsync(shop.AnswerAsync, HttpProtocols.Http2, builder => builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // A conversation of four bytes at a time is slower than Kestrel otherwise takes for honest.
            (kestrel.Limits.MinRequestBodyDataRate, kestrel.Limits.MinResponseDataRate) = (null, null);
        }));
        shop._applications[9000] = await TestServer.TcpAsync(TestServer.Echo);
        foreach (var (pod, address) in new[] { ("buyer", 1), ("store-1", 3), ("store-2", 4), ("till", 5) })
        {
            await shop.StartSidecarAsync($"shop/{pod}", IPAddress.Parse($"10.0.0.{address}"));
        }

        // Sidecars have everything, so the very first request of each kind gets through.
        await shop.Plane.SettledAsync();
        foreach (var (service, version) in new[] { ("10.96.0.1:80", 1), ("10.96.0.3:81", 2) })
        {
            using var client = shop.Client(service, version);
            await shop.FirstAsync(client, service);
        }

        shop.Arrived.Clear();
        return shop;
    }

    /// <summary>A connection of the buyer's, to a service's address.</summary>
    public ValueTask<Stream> DialAsync(string service) => ValueTask.FromResult(Open(_pods[Buyer], Buyer, IPEndPoint.Parse(service), 15001));

    public HttpClient Client(string service, int version) => new(new SocketsHttpHandler { UseProxy = false, ConnectCallback = (_, _) => DialAsync(service) })
    {
        BaseAddress = new("http://" + (version == 1 ? "store.shop" : "api.shop:81")),
        DefaultRequestVersion = new(version, version == 1 ? 1 : 0),
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(20),
    };

    public async ValueTask DisposeAsync()
    {
        foreach (var sidecar in _pods.Values)
        {
            await sidecar.DisposeAsync();
        }

        foreach (var application in _applications.Values)
        {
            await application.DisposeAsync();
        }

        await Plane.DisposeAsync();
        _files.ForEach(files => files.Dispose());
        Mesh.Dispose();
    }

    private async Task FirstAsync(HttpClient client, string service)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("/books?id=first", UriKind.Relative));
            Assert.True(answer.IsSuccessStatusCode, $"{service}: {answer.StatusCode}. {string.Join(' ', Opened())}");
        }
        catch (HttpRequestException failure)
        {
            throw new InvalidOperationException($"The first request to {service} was not answered. {string.Join(' ', Opened())}", failure);
        }

        // What tells a listener that was not there from one that refused.
        IEnumerable<string> Opened() => _pods[Buyer].Keeper.Configuration!.Listeners.Select(listener => listener.Name);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Clients.TryAdd(context.Request.Headers["x-forwarded-client-cert"].ToString(), 0);
        if (context.Request.Query["id"].ToString() is { Length: > 0 } id)
        {
            Arrived.AddOrUpdate(id, 1, (_, before) => before + 1);
            await context.Response.WriteAsync(id);
            return;
        }

        context.Response.ContentType = "application/grpc";
        context.Response.DeclareTrailer("grpc-status");
        await context.Response.Body.FlushAsync();
        var buffer = new byte[100];
        while (await context.Request.Body.ReadAsync(buffer) is > 0 and var count)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, count));
            await context.Response.Body.FlushAsync();
        }

        context.Response.AppendTrailer("grpc-status", "0");
    }

    private async Task StartSidecarAsync(string pod, IPAddress address)
    {
        var files = new SidecarFiles(Plane.IdentityOf(pod), Plane);
        _files.Add(files);
        var sidecar = await EmbeddedProxy.StartAsync(new()
        {
            Bootstrap = files.Bootstrap(new("127.0.0.1", Plane.XdsAddress.Port)),
            HasAdmin = false,
            Traffic = new() { Binds = false, Dialer = new PodDialer(this, address) },
        });
        await sidecar.Live.WaitAsync(Wait.Bound, TimeProvider.System);
        _pods[address] = sidecar;
    }

    private Stream Open(EmbeddedProxy sidecar, IPAddress source, IPEndPoint destination, int redirectedTo)
    {
        var (near, far) = StreamPair.Create();
        _ = sidecar.AcceptAsync(new(far, new(source, 40_000 + (Interlocked.Increment(ref _source) % 20_000)), destination, redirectedTo));
        return near;
    }

    private sealed class PodDialer(ShopUnderLoad shop, IPAddress own) : IDialer
    {
        private readonly SocketDialer _sockets = new();

        public ValueTask<Stream> DialAsync(IPEndPoint destination, CancellationToken stop)
            => IPAddress.IsLoopback(destination.Address) || destination.Address.Equals(own) ? _sockets.DialAsync(shop._applications[destination.Port].Address, stop)
                : shop._pods.TryGetValue(destination.Address, out var pod) ? ValueTask.FromResult(shop.Open(pod, own, destination, 15003))
                : throw new SocketException((int)SocketError.HostUnreachable);
    }
}
