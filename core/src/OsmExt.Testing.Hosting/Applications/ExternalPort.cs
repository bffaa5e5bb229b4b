using System.Net;
using OsmExt.DataPlane.Upstream;

namespace OsmExt.Testing.Hosting.Applications;

/// <summary>An application that somebody else runs, at a port that can be dialled.</summary>
internal sealed class ExternalPort(IPEndPoint address) : IPodApplication
{
    private readonly SocketDialer _dialer = new();

    public ValueTask<Stream> OpenAsync(IPEndPoint source, IPEndPoint local, CancellationToken stop) => _dialer.DialAsync(address, stop);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
