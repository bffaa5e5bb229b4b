using System.Net;

namespace OsmExt.E2E;

/// <summary>One HTTP/2 request that stays open. Each word sent must come back.</summary>
internal sealed class OpenStream : IAsyncDisposable
{
    private readonly HttpClient _client;
    private readonly Duplex _content = new();
    private HttpResponseMessage? _response;
    private StreamReader? _reader;
    private Stream? _writer;

    private OpenStream(PodNetwork from) => _client = from.CreateClient(HttpVersion.Version20);

    public static async Task<OpenStream> OpenAsync(PodNetwork from, string service, params (string Name, string Value)[] headers)
    {
        var stream = new OpenStream(from);
        var request = new HttpRequestMessage(HttpMethod.Post, $"http://{service}:8081/shop.Echo/Say")
        {
            Content = stream._content, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        var answer = stream._client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        stream._writer = await stream._content.Body.WaitAsync(TimeSpan.FromSeconds(10));
        await stream.WriteAsync("begin");
        stream._response = await answer.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(HttpStatusCode.OK, stream._response.StatusCode);
        stream._reader = new(await stream._response.Content.ReadAsStreamAsync());
        await stream.ReadAsync("begin");
        return stream;
    }

    public async Task SayAsync(string word)
    {
        await WriteAsync(word);
        await ReadAsync(word);
    }

    public async ValueTask DisposeAsync()
    {
        _content.End();
        _reader?.Dispose();
        _response?.Dispose();
        _client.Dispose();
        if (_writer is not null)
        {
            await _writer.DisposeAsync();
        }
    }

    private async Task WriteAsync(string word)
    {
        await _writer!.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"{word}\n"));
        await _writer.FlushAsync();
    }

    private async Task ReadAsync(string word) => Assert.Equal(word, await _reader!.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));

    // A body that goes on being written.
    private sealed class Duplex : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _body = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Duplex() => Headers.ContentType = new("application/grpc");

        public Task<Stream> Body => _body.Task;

        public void End() => _end.TrySetResult();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            _body.TrySetResult(stream);
            return _end.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
