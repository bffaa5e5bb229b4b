using System.Net;
using System.Net.Sockets;
using OsmExt.LocalRuntime.Network;

namespace OsmExt.LocalRuntime;

/// <summary>
/// The network of a pod of a local mesh, for a test or a tool outside it: what connects through it leaves the pod like the
/// pod's own traffic, through its sidecar if it has one. Only root may use it.
/// </summary>
/// <remarks>
/// A process of any user but the proxy's is intercepted, so this process, running as root, is treated as the pod's application.
/// Instances hold nothing and are safe to share between threads.
/// </remarks>
public sealed class PodNetwork
{
    // Long enough for reuse, short enough that a connection does not outlive a change of policy for long.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromSeconds(5);

    private PodNetwork(string name) => Name = name;

    /// <summary>Name of the network namespace, as <c>ip netns</c> lists it.</summary>
    public string Name { get; }

    /// <summary>Whether the pod is there. It may appear and disappear at any time.</summary>
    public bool Exists => NetworkNamespaces.Exists(Name);

    /// <summary>The network of a pod, running or not yet.</summary>
    /// <param name="mesh">Name of the mesh.</param>
    /// <param name="podNamespace">The pod's Kubernetes namespace.</param>
    /// <param name="pod">The pod's name.</param>
    public static PodNetwork OfPod(string mesh, string podNamespace, string pod) => new(NetworkNames.Pod(mesh, podNamespace, pod));

    /// <summary>The network of a mesh's node, where its control plane runs. It has no sidecar and reaches every pod.</summary>
    /// <param name="mesh">Name of the mesh.</param>
    public static PodNetwork OfNode(string mesh) => new(NetworkNames.Node(mesh));

    /// <summary>The addresses a program inside would get for a host name, in its order; none when it would not get any.</summary>
    /// <param name="host">A name, or an IP address, which is returned as it is.</param>
    public IReadOnlyList<IPAddress> Resolve(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (IPAddress.TryParse(host.Trim('[', ']'), out var literal))
        {
            return [literal];
        }

        var file = Path.Join(NetworkNamespaces.FilesDirectory, Name, "hosts");
        return File.Exists(file) ? HostsFile.Find(File.ReadAllText(file), host) : [];
    }

    /// <summary>Opens a TCP connection from inside. The addresses of the host are tried in order.</summary>
    /// <param name="host">A name that resolves in the pod, or an IP address.</param>
    /// <param name="port">The port.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The connection; disposing the stream closes it.</returns>
    /// <exception cref="SocketException">No such host, or no address of it accepted.</exception>
    public async Task<Stream> ConnectAsync(string host, int port, CancellationToken cancellationToken = default)
    {
        SocketException? failure = null;
        foreach (var address in Resolve(host))
        {
            var socket = await OpenAsync(address.AddressFamily).ConfigureAwait(false);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception e)
            {
                socket.Dispose();
                failure = e as SocketException;
                if (failure is null)
                {
                    throw;
                }
            }
        }

        throw failure ?? new SocketException((int)SocketError.HostNotFound);
    }

    /// <summary>Listens for TCP connections inside.</summary>
    /// <param name="endpoint">Where; port 0 takes a free one, which the socket's local endpoint then tells.</param>
    /// <returns>A listening socket.</returns>
    public Task<Socket> ListenAsync(IPEndPoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return InsideAsync(() =>
        {
            var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(endpoint);
                socket.Listen();
                return socket;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        });
    }

    /// <summary>A handler whose connections start inside, for HTTP/1.1 and for HTTP/2 with and without TLS.</summary>
    /// <returns>A handler that uses no proxy and follows no redirect; its owner disposes it.</returns>
    public SocketsHttpHandler CreateHandler() => new()
    {
        ConnectCallback = async (context, cancellationToken)
            => await ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false),
        UseProxy = false,
        AllowAutoRedirect = false,
        PooledConnectionLifetime = ConnectionLifetime,
    };

    /// <summary>A client whose connections start inside.</summary>
    /// <param name="version">The only HTTP version it speaks; <see cref="HttpVersion.Version20"/> without TLS means prior knowledge. Default HTTP/1.1.</param>
    /// <returns>A client; its owner disposes it.</returns>
    public HttpClient CreateClient(Version? version = null) => new(CreateHandler())
    {
        DefaultRequestVersion = version ?? HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>The name of the network namespace.</summary>
    public override string ToString() => Name;

    private Task<Socket> OpenAsync(AddressFamily family)
        => InsideAsync(() => new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });

    private Task<Socket> InsideAsync(Func<Socket> open)
        => OperatingSystem.IsLinux() ? NamespaceThread.RunAsync(Name, open) : throw new PlatformNotSupportedException("Network namespaces exist on Linux only.");
}
