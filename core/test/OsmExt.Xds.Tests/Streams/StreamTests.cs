using OsmExt.Testing.Xds;
using OsmExt.Xds.Server;
using OsmExt.Xds.Tests.Hosting;

namespace OsmExt.Xds.Tests.Streams;

/// <summary>A server with mutual TLS and real gRPC streams to it, which are closed at the end.</summary>
public abstract class StreamTests : IAsyncLifetime
{
    private protected const string Proxy = "proxy";

    private readonly List<IAsyncDisposable> _open = [];

    private protected XdsTestServer Server { get; private set; } = null!;

    public static TheoryData<string> Variants => Wire.Variants;

    public async Task InitializeAsync() => Server = await XdsTestServer.StartAsync(Configure);

    public async Task DisposeAsync()
    {
        foreach (var open in Enumerable.Reverse(_open))
        {
            await open.DisposeAsync();
        }

        await Server.DisposeAsync();
    }

    private protected virtual void Configure(XdsServerOptions options)
    {
    }

    private protected AdsTestClient Connect(string proxyId = Proxy) => Keep(Server.Connect(proxyId));

    private protected Peer Open(string variant, AdsTestClient? client = null) => Keep(Peer.Open(client ?? Connect(), variant));

    private protected T Keep<T>(T opened)
        where T : IAsyncDisposable
    {
        _open.Add(opened);
        return opened;
    }
}
