using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using OsmExt.DataPlane.Observation;
using OsmExt.DataPlane.Streams;
using OsmExt.DataPlane.Upstream;
using OsmExt.Simulation;

namespace OsmExt.DataPlane.Tests.Mesh;

/// <summary>A pod: an application or several, on loopback ports, and a sidecar that all connections pass.</summary>
internal sealed class TestPod : IDialer, IStreamSink, IAsyncDisposable
{
    private readonly TestMesh _mesh;
    private readonly IPAddress _address;
    private readonly ConcurrentDictionary<int, IPEndPoint> _applications = [];
    private readonly List<IAsyncDisposable> _owned = [];
    private int _port = 20000;

    public TestPod(TestMesh mesh, string name, ImmutableArray<IPAddress> addresses, TrafficOptions options)
    {
        (_mesh, Name, _address) = (mesh, name, addresses[0]);
        Engine = new(options with { Dialer = this, Sink = this });
    }

    public string Name { get; }

    public TrafficEngine Engine { get; }

    public ProxyConfiguration Configuration { get; private set; } = null!;

    public ConcurrentQueue<StreamRecord> Records { get; } = [];

    public bool HasSidecar => Configuration is not null;

    public async Task ApplyAsync(ProxyConfiguration configuration)
    {
        Configuration = configuration;
        await Engine.ApplyAsync(configuration, CancellationToken.None);
    }

    /// <summary>What listens at a port of the pod.</summary>
    public void Serve(int port, TestServer server)
    {
        _applications[port] = server.Address;
        _owned.Add(server);
    }

    /// <summary>Nothing listens there any longer.</summary>
    public void StopServing(int port) => _applications.TryRemove(port, out _);

    /// <summary>A connection that the pod's application opens; the sidecar takes it.</summary>
    public async ValueTask<Stream> DialOutAsync(IPEndPoint destination, CancellationToken stop = default)
    {
        if (!HasSidecar)
        {
            return await _mesh.RouteAsync(this, destination, stop);
        }

        var (left, right) = StreamPair.Create();
        _ = Engine.AcceptAsync(new(right, NextSource(), destination, 15001));
        return left;
    }

    /// <summary>A client in the pod, all of whose connections go to one address.</summary>
    public HttpClient Client(string destination, Version? version = null)
    {
        var to = IPEndPoint.Parse(destination);
        return new(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (_, stop) => await DialOutAsync(to, stop),
        })
        {
            DefaultRequestVersion = version ?? HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    public void Receive(Stream stream, IPEndPoint source, IPEndPoint destination) => _ = Engine.AcceptAsync(new(stream, source, destination, 15003));

    public IPEndPoint NextSource() => new(_address, Interlocked.Increment(ref _port));

    public async ValueTask<Stream> OpenApplicationAsync(int port, CancellationToken stop)
        => _applications.TryGetValue(port, out var at) ? await new SocketDialer().DialAsync(at, stop)
            : throw new SocketException((int)SocketError.ConnectionRefused);

    public ValueTask<Stream> DialAsync(IPEndPoint destination, CancellationToken stop) => _mesh.RouteAsync(this, destination, stop);

    public void Ended(StreamRecord record) => Records.Enqueue(record);

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        foreach (var owned in _owned)
        {
            await owned.DisposeAsync();
        }
    }
}
