using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using OsmExt.DataPlane.Listeners;
using OsmExt.Simulation.Listeners;

namespace OsmExt.DataPlane.Http;

/// <summary>The connection a request came in by, and the connection manager that serves it.</summary>
internal sealed class HttpSession(HttpConnectionManager manager, Served served, bool isHttp2)
{
    public HttpConnectionManager Manager { get; } = manager;

    public Served Served { get; } = served;

    public bool IsHttp2 { get; } = isHttp2;

    /// <summary>What is known of the connection, now that its first bytes have been read.</summary>
    public ConnectionFacts Facts { get; } = served.Facts with
    {
        Connection = served.Facts.Connection with { Payload = isHttp2 ? Payload.Http2 : Payload.Http1 },
    };
}
