using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace OsmExt.E2E;

/// <summary>Requests and connections out of a pod, each on a connection of its own.</summary>
internal static class Calls
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The echo program's account of a GET; null when the status is not 200.</summary>
    public static async Task<JsonNode?> GetAsync(this PodNetwork from, string url, params (string Name, string Value)[] headers)
    {
        using var client = from.CreateClient();
        using var response = await client.SendAsync(Request(HttpMethod.Get, url, headers)).WaitAsync(Patience);
        return response.StatusCode == HttpStatusCode.OK ? JsonNode.Parse(await response.Content.ReadAsStringAsync()) : null;
    }

    public static Task<int> StatusAsync(this PodNetwork from, string url, params (string Name, string Value)[] headers)
        => from.StatusAsync(HttpMethod.Get, url, headers);

    /// <summary>The status of a request; 0 when there was no answer.</summary>
    public static async Task<int> StatusAsync(this PodNetwork from, HttpMethod method, string url, params (string Name, string Value)[] headers)
    {
        using var client = from.CreateClient();
        try
        {
            using var response = await client.SendAsync(Request(method, url, headers)).WaitAsync(Patience);
            return (int)response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    /// <summary>
    /// The first line a server says on a new TCP connection, after the client said its own; empty when it closes without a byte, or does not
    /// accept.
    /// </summary>
    public static async Task<string> LineAsync(this PodNetwork from, string host, int port, string? say)
    {
        try
        {
            await using var stream = await from.ConnectAsync(host, port).WaitAsync(Patience);
            if (say is not null)
            {
                await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"{say}\n"));
            }

            using var reader = new StreamReader(stream);
            return await reader.ReadLineAsync().WaitAsync(Patience) ?? "";
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return "";
        }
    }

    /// <summary>How many of so many requests each pod answered, over one client's connections.</summary>
    public static async Task<Dictionary<string, int>> CountAsync(this PodNetwork from, string url, int requests)
    {
        using var client = from.CreateClient();
        var answers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < requests; i++)
        {
            using var response = await client.GetAsync(new Uri(url)).WaitAsync(Patience);
            var pod = response.Headers.TryGetValues("x-pod", out var values)
                ? values.Single()
                : ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            answers[pod] = answers.GetValueOrDefault(pod) + 1;
        }

        return answers;
    }

    private static HttpRequestMessage Request(HttpMethod method, string url, (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, url);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
