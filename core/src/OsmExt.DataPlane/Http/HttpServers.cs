using System.Collections.Concurrent;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Microsoft.AspNetCore.Http;
using OsmExt.DataPlane.Listeners;

namespace OsmExt.DataPlane.Http;

/// <summary>The HTTP servers of a sidecar: one for each set of limits, which usually means one.</summary>
internal sealed class HttpServers(TrafficOptions options, IServiceProvider services, Func<HttpContext, HttpSession, Task> serve) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<HttpLimits, Lazy<Task<HttpServer>>> _servers = [];

    /// <summary>Serves a connection to its end.</summary>
    public async Task ServeAsync(HttpConnectionManager manager, Served served, Stream stream, CancellationToken stop)
    {
        var server = await _servers.GetOrAdd(HttpLimits.Of(manager), limits => new(() => StartAsync(limits))).Value;
        await server.ServeAsync(manager, served, stream, stop);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values)
        {
            await (await server.Value).DisposeAsync();
        }
    }

    private async Task<HttpServer> StartAsync(HttpLimits limits)
    {
        var server = new HttpServer(options, services, limits, serve);
        await server.StartAsync(CancellationToken.None);
        return server;
    }
}
