using System.Net.Sockets;

namespace OsmExt.Demo;

/// <summary>An HTTP client that reports every request.</summary>
internal sealed class DemoClient(string app) : IDisposable
{
    // Connections are shared by requests, but not for long: one that was opened under an older policy must not live on.
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        PooledConnectionLifetime = TimeSpan.FromSeconds(5),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),
        ConnectTimeout = TimeSpan.FromSeconds(5),
        AllowAutoRedirect = false,
    })
    {
        Timeout = TimeSpan.FromSeconds(10),
    };

    /// <summary>Sends a request. Status 0 means that there was no answer.</summary>
    /// <returns>The status, and the name the server gives itself.</returns>
    public async Task<(int Status, string Identity)> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var start = TimeProvider.System.GetTimestamp();
        var line = new RequestLine(app, "client", request.Method.Method, request.RequestUri!.ToString(), 0);
        try
        {
            using var response = await _http.SendAsync(request, cancellation);
            line = line with
            {
                Status = (int)response.StatusCode,
                Identity = Header(response, DemoServer.IdentityHeader),
                Peer = Header(response, ForwardedIdentity.ServerHeader),
                Self = Header(response, ForwardedIdentity.ClientHeader),
            };
        }
        catch (HttpRequestException e)
        {
            line = line with { Error = e.InnerException is SocketException socket ? socket.SocketErrorCode.ToString() : e.HttpRequestError.ToString() };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            line = line with { Error = "Timeout" };
        }

        (line with { Ms = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds }).Print();
        return (line.Status, line.Identity ?? "");
    }

    public void Dispose() => _http.Dispose();

    private static string? Header(HttpResponseMessage response, string name)
        => response.Headers.TryGetValues(name, out var values) ? values.First() : null;
}
