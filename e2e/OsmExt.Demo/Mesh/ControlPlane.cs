using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using OsmExt.LocalRuntime;

namespace OsmExt.Demo.Mesh;

/// <summary>The control plane's own account, from its ports in the node's network.</summary>
internal sealed class ControlPlane(string mesh, MeshStatus status) : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    // Between the wall clock and the one that measures intervals.
    private static readonly TimeSpan ClockError = TimeSpan.FromMilliseconds(1);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly HttpClient _http = status.IsNamespaces ? PodNetwork.OfNode(mesh).CreateClient() : new(new SocketsHttpHandler { UseProxy = false });

    /// <summary>The proxies that are connected; none as long as nobody listens.</summary>
    public async Task<IReadOnlyList<Proxy>> TryProxiesAsync(CancellationToken cancellation)
    {
        try
        {
            return await _http.GetFromJsonAsync<Proxy[]>($"{status.Debug}/debug/proxies", Json, cancellation) ?? [];
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
        {
            return [];
        }
    }

    /// <summary>The latest changes that every Envoy they concern has acknowledged, oldest first.</summary>
    public async Task<IReadOnlyList<Change>> ChangesAsync(CancellationToken cancellation)
        => await _http.GetFromJsonAsync<Change[]>($"{status.Debug}/debug/convergence", Json, cancellation) ?? [];

    /// <summary>Waits until a change is in force that was noticed after a moment, so that no earlier one is taken for it.</summary>
    public async Task<Change> WaitAsync(DateTimeOffset since, CancellationToken cancellation)
    {
        while (true)
        {
            if ((await ChangesAsync(cancellation)).FirstOrDefault(change => change.Noticed >= since - ClockError) is { } change)
            {
                return change;
            }

            await Task.Delay(Look, TimeProvider.System, cancellation);
        }
    }

    /// <summary>A counter, summed over its labels.</summary>
    public async Task<double> MetricAsync(string name, CancellationToken cancellation)
        => (await _http.GetStringAsync($"{status.Http}/metrics", cancellation)).Split('\n')
            .Where(line => line.StartsWith($"{name}{{", StringComparison.Ordinal) || line.StartsWith($"{name} ", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    public void Dispose() => _http.Dispose();
}

/// <summary>A proxy's stream.</summary>
/// <param name="Id">NAMESPACE/POD.</param>
/// <param name="Envoy">Its version.</param>
/// <param name="InSync">Whether it has acknowledged everything.</param>
/// <param name="Rejected">How many resources it refused.</param>
internal sealed record Proxy([property: JsonPropertyName("proxy")] string Id, string Envoy, bool InSync, int Rejected);

/// <summary>A change in force.</summary>
/// <param name="Milliseconds">From when the control plane noticed it to the last acknowledgement.</param>
/// <param name="Streams">How many Envoys it concerned.</param>
/// <param name="At">When the last acknowledgement came.</param>
internal sealed record Change(long Revision, double Milliseconds, int Streams, DateTimeOffset At)
{
    /// <summary>When the control plane noticed it.</summary>
    public DateTimeOffset Noticed => At.AddMilliseconds(-Milliseconds);
}
