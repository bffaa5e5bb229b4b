using System.Net.WebSockets;

namespace OsmExt.Cli.Clusters;

/// <summary>
/// Reaches ports inside pods, loopback included, as kubectl port-forward does: through the API server and the kubelet, over a WebSocket for each
/// connection. It needs the permissions to get and create <c>pods/portforward</c>, and no way from here to the pod network.
/// </summary>
internal static class PortForward
{
    private const string Protocol = "v4.channel.k8s.io";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>An HTTP client for a port of a pod. Whoever asks disposes of it.</summary>
    public static HttpClient CreateClient(ClusterSession session, string ns, string pod, int port) => new(new SocketsHttpHandler
    {
        UseProxy = false, ConnectCallback = async (_, cancellation) => await OpenAsync(session, ns, pod, port, cancellation).ConfigureAwait(false),
    })
    {
        BaseAddress = new($"http://localhost:{port}"), Timeout = Patience,
    };

    private static async Task<Stream> OpenAsync(ClusterSession session, string ns, string pod, int port, CancellationToken cancellation)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.AddSubProtocol(Protocol);
            var address = new UriBuilder(session.Client.BaseUri) { Query = $"ports={port}" };
            address.Scheme = address.Scheme == "http" ? "ws" : "wss";
            address.Path = $"{address.Path.TrimEnd('/')}/api/v1/namespaces/{ns}/pods/{pod}/portforward";
            await AuthorizeAsync(session, socket, cancellation).ConfigureAwait(false);
            // The client's own handler, so that roots, certificates and proxies are the same as for every other request.
            await socket.ConnectAsync(address.Uri, session.Client.HttpClient, cancellation).ConfigureAwait(false);
        }
        catch (WebSocketException failure)
        {
            socket.Dispose();
            throw new CommandException($"port {port} of pod {ns}/{pod} cannot be reached through {session.Connection.Name}: {Reason(failure, ns)}");
        }

        return new PortStream(socket, $"port {port} of pod {ns}/{pod}");
    }

    private static async Task AuthorizeAsync(ClusterSession session, ClientWebSocket socket, CancellationToken cancellation)
    {
        if (session.Client.Credentials is not { } credentials)
        {
            return;
        }

        using var request = new HttpRequestMessage();
        await credentials.ProcessHttpRequestAsync(request, cancellation).ConfigureAwait(false);
        if (request.Headers.Authorization is { } header)
        {
            socket.Options.SetRequestHeader("Authorization", header.ToString());
        }
    }

    private static string Reason(WebSocketException failure, string ns)
        => failure.Message.Contains("403", StringComparison.Ordinal) ? $"it is not allowed. Ask for the permissions to get and create pods/portforward in namespace {ns}"
            : failure.Message.Contains("404", StringComparison.Ordinal) ? "there is no such pod"
            : failure.InnerException?.Message ?? failure.Message;
}
