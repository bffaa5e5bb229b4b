using System.Diagnostics;
using System.Net;
using System.Text;

namespace OsmExt.DataPlane.Upstream;

/// <summary>The client library as a proxy needs it: it passes on what it is given, byte for byte, and adds and follows nothing. Connections are ours.</summary>
internal static class PlainHandler
{
    public static SocketsHttpHandler Create(TimeSpan idle, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> connect) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = Timeout.InfiniteTimeSpan,
        PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
        PooledConnectionIdleTimeout = idle,
        RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        ConnectCallback = connect,
    };
}
