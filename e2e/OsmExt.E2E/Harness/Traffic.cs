using System.Globalization;

namespace OsmExt.E2E;

/// <summary>
/// Requests one after another until it is told to stop, of each flow once on new connections and once on one that is kept. Remembers what did
/// not get a 200.
/// </summary>
internal sealed class Traffic : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _losses = [];
    private readonly Task[] _loops;
    private readonly (string Name, string Value)[] _headers;
    private int _sent;

    public Traffic(params (PodNetwork From, string Url)[] flows)
        : this([], flows)
    {
    }

    /// <param name="headers">What all requests carry.</param>
    /// <param name="flows">Where from and where to.</param>
    public Traffic((string Name, string Value)[] headers, params (PodNetwork From, string Url)[] flows)
    {
        _headers = headers;
        _loops =
        [
            .. flows.Select(flow => LoopAsync(flow.From, flow.Url, fresh: true)),
            .. flows.Select(flow => LoopAsync(flow.From, flow.Url, fresh: false)),
        ];
    }

    public int Sent => Volatile.Read(ref _sent);

    /// <summary>Stops, and tells what was lost.</summary>
    public async Task<IReadOnlyList<string>> StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loops);
        return _losses;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task LoopAsync(PodNetwork from, string url, bool fresh)
    {
        using var kept = from.CreateClient();
        foreach (var (name, value) in _headers)
        {
            kept.DefaultRequestHeaders.Add(name, value);
        }

        while (!_stop.IsCancellationRequested)
        {
            var result = await (fresh ? AskAsync(from, url) : AskAsync(kept, url));
            Interlocked.Increment(ref _sent);
            if (result != "200")
            {
                lock (_losses)
                {
                    _losses.Add($"{from.Name} {url} {(fresh ? "new" : "kept")} connection: {result}");
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }

    private async Task<string> AskAsync(PodNetwork from, string url)
    {
        try
        {
            return (await from.StatusAsync(url, _headers)).ToString(CultureInfo.InvariantCulture);
        }
        catch (TimeoutException)
        {
            return $"no answer until {TimeProvider.System.GetUtcNow():HH:mm:ss}";
        }
    }

    private static async Task<string> AskAsync(HttpClient client, string url)
    {
        try
        {
            using var response = await client.GetAsync(new Uri(url));
            return ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        }
        catch (HttpRequestException failure)
        {
            return failure.Message;
        }
    }
}

/// <summary>A TCP connection that stays open. Each word sent must come back.</summary>
internal sealed class OpenConnection : IAsyncDisposable
{
    private readonly StreamReader _reader;
    private readonly Stream _stream;
    private readonly string _server;

    private OpenConnection(Stream stream, string server) => (_stream, _reader, _server) = (stream, new StreamReader(stream), server);

    public static async Task<OpenConnection> OpenAsync(PodNetwork from, string service, string server)
        => new(await from.ConnectAsync(service, 9000), server);

    public async Task SayAsync(string word)
    {
        await _stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"{word}\n"));
        Assert.Equal($"{_server} {word}", await _reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(5)));
    }

    public async ValueTask DisposeAsync()
    {
        _reader.Dispose();
        await _stream.DisposeAsync();
    }
}
