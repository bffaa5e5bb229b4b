using System.Net;
using System.Security.Cryptography;

namespace OsmExt.Demo;

/// <summary>
/// The loop of the two customers: ask what was sold, take a book, wait. A purchase counts for the version of the store that
/// made it.
/// </summary>
/// <param name="app">Which customer.</param>
/// <param name="expected">The status the loop takes for success.</param>
internal sealed class BookClient(string app, int expected) : BackgroundService
{
    private static readonly string[] Outside = ["edition.cnn.com", "github.com"];

    private readonly DemoClient _client = new(app);
    private readonly string _store =
        $"http://{Settings.Variable("BOOKSTORE_SVC", "bookstore")}.{Settings.Variable("BOOKSTORE_NAMESPACE", "bookstore")}.svc.cluster.local:14001";
    private readonly bool _egress = Settings.Variable("ENABLE_EGRESS", "false").Equals("true", StringComparison.OrdinalIgnoreCase);
    private readonly TimeSpan _pause = Settings.Seconds("CI_SLEEP_BETWEEN_REQUESTS_SECONDS", 1);
    private readonly double _enough = Settings.Number("CI_MIN_SUCCESS_THRESHOLD", 1);
    private readonly double _tooMany = Settings.Number("CI_MAX_ITERATIONS_THRESHOLD", 0);

    private long _books;
    private long _booksV1;
    private long _booksV2;
    private int _verdict;

    public (long All, long V1, long V2) Books => (Interlocked.Read(ref _books), Interlocked.Read(ref _booksV1), Interlocked.Read(ref _booksV2));

    public void Reset()
    {
        Interlocked.Exchange(ref _books, 0);
        Interlocked.Exchange(ref _booksV1, 0);
        Interlocked.Exchange(ref _booksV2, 0);
    }

    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var connections = (int)Settings.Number("CI_CLIENT_CONCURRENT_CONNECTIONS", 1);
        return Task.WhenAll(Enumerable.Range(0, connections).Select(_ => LoopAsync(stoppingToken)));
    }

    private async Task LoopAsync(CancellationToken cancellation)
    {
        var successes = 0;
        for (var iteration = 1; !cancellation.IsCancellationRequested; iteration++)
        {
            successes = await IterateAsync(cancellation) ? successes + 1 : 0;
            if (successes >= _enough)
            {
                Conclude("MAESTRO: this customer got what it expected; the test succeeded.");
            }
            else if (_tooMany > 0 && iteration > _tooMany)
            {
                Conclude("MAESTRO: this customer did not get what it expected in time; the test failed.");
            }

            await Task.Delay(_pause, TimeProvider.System, cancellation);
        }
    }

    private async Task<bool> IterateAsync(CancellationToken cancellation)
    {
        using var look = new HttpRequestMessage(HttpMethod.Get, $"{_store}/books-bought");
        // The thief says so too: what a client claims in a header is not who it is.
        look.Headers.Add("client-app", "bookbuyer");
        look.Headers.TryAddWithoutValidation("user-agent", "Go-http-client/1.1");
        var (looked, _) = await _client.SendAsync(look, cancellation);

        using var buy = new HttpRequestMessage(HttpMethod.Get, $"{_store}/buy-a-book/new");
        var (bought, identity) = await _client.SendAsync(buy, cancellation);
        if (bought == (int)HttpStatusCode.OK)
        {
            Count(identity);
        }

        var outside = !_egress || await LookOutsideAsync(cancellation);
        return looked == expected && bought == expected && outside;
    }

    private async Task<bool> LookOutsideAsync(CancellationToken cancellation)
    {
        var host = Outside[RandomNumberGenerator.GetInt32(Outside.Length)];
        var all = true;
        foreach (var scheme in (string[])["http", "https"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{scheme}://{host}");
            all &= (await _client.SendAsync(request, cancellation)).Status == (int)HttpStatusCode.OK;
        }

        return all;
    }

    private void Count(string identity)
    {
        Interlocked.Increment(ref _books);
        if (identity.StartsWith("bookstore-v1", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _booksV1);
        }
        else if (identity.StartsWith("bookstore-v2", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _booksV2);
        }
    }

    private void Conclude(string verdict)
    {
        if (Interlocked.Exchange(ref _verdict, 1) == 0)
        {
            Console.Error.WriteLine(verdict);
        }
    }
}
