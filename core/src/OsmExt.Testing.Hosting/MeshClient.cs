using System.Net;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using OsmExt.Testing.Hosting.Sidecars;

namespace OsmExt.Testing.Hosting;

/// <summary>Opens a connection by host and port.</summary>
internal delegate ValueTask<Stream> Connect(string host, int port, CancellationToken stop);

/// <summary>
/// Somebody who calls: a pod of the mesh, through its sidecar where it has one, or somebody outside. Names are resolved as in a cluster. It is
/// disposed of with the mesh.
/// </summary>
public sealed partial class MeshClient
{
    // Longer than anything that goes well takes; who waits on purpose has a token.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly MeshHost _mesh;
    private readonly Connect _connect;
    private readonly Lazy<HttpClient> _http;
    private readonly List<IDisposable> _made = [];

    private readonly SidecarSlot? _sidecar;

    internal MeshClient(string name, MeshHost mesh, Connect connect, SidecarSlot? sidecar)
    {
        (Name, _mesh, _connect, _sidecar) = (name, mesh, connect, sidecar);
        _http = new(() => CreateClient());
    }

    /// <summary><c>NAMESPACE/NAME</c> of the pod; the address of somebody outside.</summary>
    public string Name { get; }

    /// <summary>A client that speaks HTTP/1.1.</summary>
    public HttpClient Http => _http.Value;

    /// <summary>Sends a GET request.</summary>
    /// <param name="uri">For example <c>http://store/books</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<HttpResponseMessage> GetAsync(string uri, CancellationToken cancellationToken = default) => Http.GetAsync(new Uri(uri), cancellationToken);

    /// <summary>A client of its own: with connections of its own, and the version of HTTP that is asked for.</summary>
    /// <param name="version">The version; null for HTTP/1.1.</param>
    public HttpClient CreateClient(Version? version = null) => Kept(new HttpClient(CreateHandler(), disposeHandler: true)
    {
        DefaultRequestVersion = version ?? HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = Patience,
    });

    /// <summary>A channel for gRPC.</summary>
    /// <param name="address">For example <c>http://store:50051</c>.</param>
    public GrpcChannel CreateChannel(string address) => Kept(GrpcChannel.ForAddress(address, new() { HttpHandler = CreateHandler(), DisposeHttpClient = true }));

    /// <summary>Opens a TCP connection.</summary>
    /// <param name="host">A service's name in any of its forms, or an address.</param>
    /// <param name="port">The port.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="System.Net.Sockets.SocketException">Nobody is there. A sidecar that refuses closes the connection instead.</exception>
    public async Task<Stream> ConnectAsync(string host, int port, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        return await _connect(host, port, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The certificate that its sidecar proves itself with now; null when it has no sidecar. The caller disposes of it.</summary>
    public async Task<X509Certificate2?> CertificateAsync()
    {
        var sidecar = _sidecar is null ? null : await _sidecar.GetAsync(CancellationToken.None).ConfigureAwait(false);
        return sidecar?.Certificate;
    }

    /// <summary>What its sidecar's admin endpoint says, in Envoy's shapes.</summary>
    /// <param name="path">For example <c>/config_dump</c>, <c>/clusters</c> or <c>/stats/prometheus</c>.</param>
    /// <exception cref="InvalidOperationException">It has no sidecar.</exception>
    public async Task<string> ReadAdminAsync(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var sidecar = (_sidecar is null ? null : await _sidecar.GetAsync(CancellationToken.None).ConfigureAwait(false))
            ?? throw new InvalidOperationException($"{Name} has no sidecar.");
        return await sidecar.ReadAdminAsync(path).ConfigureAwait(false);
    }

    internal void Close()
    {
        lock (_made)
        {
            _made.ForEach(made => made.Dispose());
            _made.Clear();
        }
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    private SocketsHttpHandler CreateHandler() => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        ConnectCallback = (context, stop) => _connect(context.DnsEndPoint.Host, context.DnsEndPoint.Port, stop),
    };

    private T Kept<T>(T made)
        where T : IDisposable
    {
        lock (_made)
        {
            _made.Add(made);
        }

        return made;
    }
}
