using System.Net;
using System.Text.Json;

namespace OsmExt.Testing.Hosting.Sidecars.Envoys;

/// <summary>The admin endpoint of an Envoy.</summary>
internal sealed class EnvoyAdmin(string socket) : IDisposable
{
    private const string Moving = "^(cluster_manager.warming_clusters|listener_manager.(total_listeners_warming|total_listeners_draining|total_filter_chains_draining))$";

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, ConnectCallback = async (_, stop) => await SocketFolder.ConnectAsync(socket, stop).ConfigureAwait(false) })
    {
        BaseAddress = new("http://admin"),
        Timeout = TimeSpan.FromSeconds(20),
    };

    public async Task<string> ReadAsync(string path) => await _client.GetStringAsync(new Uri(path, UriKind.Relative)).ConfigureAwait(false);

    /// <summary>Whether it has everything it has at first. It says so only when its listeners take connections.</summary>
    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _client.GetAsync(new Uri("/ready", UriKind.Relative)).ConfigureAwait(false);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>What is on its way in or out, such as <c>cluster_manager.warming_clusters: 1</c>; empty when nothing is.</summary>
    public async Task<string> MovingAsync()
        => string.Join(", ", (await ReadAsync($"/stats?filter={Uri.EscapeDataString(Moving)}").ConfigureAwait(false))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.EndsWith(": 0", StringComparison.Ordinal)));

    public async Task<IReadOnlyDictionary<string, long>> CountRequestsAsync()
    {
        using var clusters = JsonDocument.Parse(await ReadAsync("/clusters?format=json").ConfigureAwait(false));
        return !clusters.RootElement.TryGetProperty("cluster_statuses", out var statuses) ? new Dictionary<string, long>(StringComparer.Ordinal)
            : statuses.EnumerateArray().ToDictionary(cluster => cluster.GetProperty("name").GetString()!, Requests, StringComparer.Ordinal);
    }

    public void Dispose() => _client.Dispose();

    // What is zero is not written.
    private static long Requests(JsonElement cluster)
        => !cluster.TryGetProperty("host_statuses", out var hosts) ? 0 : hosts.EnumerateArray()
            .SelectMany(host => host.TryGetProperty("stats", out var stats) ? stats.EnumerateArray() : Enumerable.Empty<JsonElement>())
            .Where(stat => stat.GetProperty("name").GetString() == "rq_total" && stat.TryGetProperty("value", out _))
            .Sum(stat => long.Parse(stat.GetProperty("value").GetString()!, System.Globalization.CultureInfo.InvariantCulture));
}
