using System.Globalization;
using System.Net.Sockets;
using OsmExt.Simulation;
using OsmExt.Simulation.Meshes;

namespace OsmExt.Testing.Hosting.Expectations;

/// <summary>A request that a test makes, as it is sent and as it is decided.</summary>
internal sealed record Attempt(Uri Uri, string Method, IReadOnlyList<(string Name, string Value)> Headers)
{
    // As much of an answer as a message of a test needs.
    private const int Excerpt = 200;

    /// <exception cref="ArgumentException">That is no address of something that can be called.</exception>
    public static Attempt Of(string uri, string method, IReadOnlyList<(string Name, string Value)> headers)
        => Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" && parsed.Host.Length > 0 ? new(parsed, method, headers)
            : throw new ArgumentException($"\"{uri}\" is no http:// or https:// address.", nameof(uri));

    public RequestText From(string client) => new(client, Uri.Host.Trim('[', ']'), Uri.Port)
    {
        Tls = Uri.Scheme == "https",
        Method = Method,
        Path = Uri.PathAndQuery,
        Headers = [.. Headers],
    };

    /// <summary>Sends it. There is no status where no answer came.</summary>
    public async Task<(int? Status, string Got)> SendAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(new(Method), Uri);
        foreach (var (name, value) in Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            using var response = await client.SendAsync(request).ConfigureAwait(false);
            var body = (await response.Content.ReadAsStringAsync().ConfigureAwait(false)).Trim();
            return ((int)response.StatusCode, string.Create(CultureInfo.InvariantCulture,
                $"{(int)response.StatusCode} {response.StatusCode}{(body.Length == 0 ? "" : $": {(body.Length > Excerpt ? $"{body[..Excerpt]}…" : body)}")}"));
        }
        catch (HttpRequestException failure)
        {
            return (null, failure.GetBaseException() switch
            {
                SocketException { SocketErrorCode: SocketError.HostNotFound } => $"nothing: no host is called {Uri.Host}",
                SocketException { SocketErrorCode: not SocketError.ConnectionReset } socket => $"nothing: {socket.Message}",
                _ => "nothing: the connection was closed",
            });
        }
        catch (TaskCanceledException)
        {
            return (null, $"nothing within {client.Timeout}");
        }
    }

    public override string ToString() => $"{Method} {Uri}";

    /// <summary>The service of a cluster, which is named <c>NAMESPACE/SERVICE|PORT</c>.</summary>
    public static string ServiceOf(string cluster) => cluster.Split('|')[0];

    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share:0.#}%");

    /// <summary>Where requests go by the decision, as percentages.</summary>
    public static string Shares(Decision? decision) => decision is null ? ""
        : string.Join(", ", decision.Backends.GroupBy(backend => ServiceOf(backend.Name), StringComparer.Ordinal).Select(group => $"{group.Key} {Percent(100 * group.Sum(backend => backend.Share))}"));
}
