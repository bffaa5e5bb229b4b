using System.Net;
using OsmExt.DataPlane.Streams;

namespace OsmExt.Testing.Hosting.Applications;

/// <summary>A handler of connections.</summary>
internal sealed class TcpApplication(Func<Stream, CancellationToken, Task> serve) : IPodApplication
{
    private readonly CancellationTokenSource _stopping = new();

    public ValueTask<Stream> OpenAsync(IPEndPoint source, IPEndPoint local, CancellationToken stop)
    {
        var (client, server) = StreamPair.Create();
        _ = Task.Run(() => ServeAsync(server), CancellationToken.None);
        return ValueTask.FromResult(client);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    // A handler that fails closes its connection, as a process that ends does.
    private async Task ServeAsync(Stream stream)
    {
        await using (stream.ConfigureAwait(false))
        {
            await serve(stream, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
