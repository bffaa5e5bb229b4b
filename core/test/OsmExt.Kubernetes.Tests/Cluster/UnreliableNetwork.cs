using System.Net;
using System.Text;
using OsmExt.Tests.Shared;

namespace OsmExt.Kubernetes.Tests.Cluster;

/// <summary>What is between a client and a server, with so many faults at moments drawn from a seed, and then none.</summary>
internal sealed class UnreliableNetwork(int seed, int faults) : DelegatingHandler
{
    private readonly Random _random = new(seed);
    private readonly Lock _lock = new();
    private int _left = faults;
    private int _injected;

    public int Injected => _injected;

    public TaskCompletionSource Calm { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var fault = Draw();
        switch (fault)
        {
            case 1:
                throw new HttpRequestException("Connection refused");
            case 2:
                return Answer(HttpStatusCode.InternalServerError);
            case 3:
                return Answer(HttpStatusCode.TooManyRequests);
            case 4:
                return Answer(HttpStatusCode.Gone);
            case 5:
                return Answer(HttpStatusCode.OK, """{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old resource version"}}""" + "\n");
            case 6:
                return Answer(HttpStatusCode.OK, """{"type":"ADDED","object":{"kind":"Pod","metada""");
            case 7:
                return Answer(HttpStatusCode.OK, "");
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (fault > 7)
        {
            response.Content = new StreamContent(new CutStream(await response.Content.ReadAsStreamAsync(cancellationToken), Length(), fault % 2 == 0));
        }

        return response;
    }

    private int Length()
    {
        lock (_lock)
        {
            // Some cuts come at once, some within a large list, some after many events.
            return _random.Next(3) switch { 0 => _random.Next(50), 1 => _random.Next(5_000), _ => _random.Next(200_000) };
        }
    }

    private int Draw()
    {
        lock (_lock)
        {
            if (_left == 0)
            {
                Calm.TrySetResult();
                return 0;
            }

            var fault = _random.Next(14);
            if (fault > 0)
            {
                _left--;
                _injected++;
            }

            return fault;
        }
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, string body = "{}") => new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    /// <summary>Ends, in order or not, after so many bytes.</summary>
    private sealed class CutStream(Stream inner, int left, bool breaks) : ReadOnlyStream
    {
        private int _left = left;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left == 0)
            {
                return breaks ? throw new IOException("The connection was reset") : 0;
            }

            var read = await inner.ReadAsync(buffer[..Math.Min(buffer.Length, _left)], cancellationToken);
            _left -= read;
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
