using System.Net;
using Microsoft.AspNetCore.Http;

namespace OsmExt.DataPlane.Http;

/// <summary>
/// The body of an answer whose headers the client gets even though nothing of it has come yet: it may wait for them before it says more, as in a conversation of messages.
/// Where something has come, both go in one.
/// </summary>
internal sealed class PromptContent(HttpContent inner, HttpResponse response) : HttpContent
{
    protected override async Task<Stream> CreateContentReadStreamAsync() => new First(await inner.ReadAsStreamAsync(), response);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) => new First(await inner.ReadAsStreamAsync(cancellationToken), response);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => inner.CopyToAsync(stream, context);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private sealed class First(Stream inner, HttpResponse response) : Streams.WrappedStream(inner)
    {
        private bool _begun;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = Inner.ReadAsync(buffer, cancellationToken);
            if (_begun || read.IsCompleted)
            {
                _begun = true;
                return read;
            }

            _begun = true;
            return AfterHeadersAsync(read, cancellationToken);
        }

        private async ValueTask<int> AfterHeadersAsync(ValueTask<int> read, CancellationToken stop)
        {
            await response.Body.FlushAsync(stop);
            return await read;
        }
    }
}
