using System.Net;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OsmExt.DataPlane.Http;
using OsmExt.DataPlane.Streams;
using OsmExt.DataPlane.Upstream;
using Yarp.ReverseProxy.Forwarder;

namespace OsmExt.DataPlane.Entry;

/// <summary>
/// Requests in absolute form, which is how clients speak to an HTTP proxy: read by Kestrel, and sent on as ordinary requests over a connection
/// to where the client meant it to go.
/// </summary>
internal sealed class EntryHttp : IHttpApplication<HttpContext>, IAsyncDisposable
{
    private static readonly IPEndPoint Within = new(IPAddress.Loopback, 0);

    // The sidecar has timeouts; this has none of its own.
    private static readonly ForwarderRequestConfig NoLimit = new() { ActivityTimeout = TimeSpan.FromDays(1), Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

    private readonly WayOut _way;
    private readonly ServiceProvider _services;
    private readonly IHttpForwarder _forwarder;
    private readonly HttpMessageInvoker _client;
    private readonly HandOver _handOver = new();
    private readonly KestrelServer _server;

    public EntryHttp(WayOut way, ILoggerFactory logs)
    {
        _way = way;
        _services = new ServiceCollection().AddSingleton(logs).AddSingleton(typeof(ILogger<>), typeof(Logger<>)).AddHttpForwarder().BuildServiceProvider();
        _forwarder = _services.GetRequiredService<IHttpForwarder>();
        var options = new KestrelServerOptions { ApplicationServices = _services, AddServerHeader = false, AllowHostHeaderOverride = true };
        options.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        options.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Listen(HandOver.Http1, listen => listen.Protocols = HttpProtocols.Http1);
        _server = new(Options.Create(options), _handOver, logs);
        _client = new(PlainHandler.Create(TimeSpan.FromSeconds(5), async (context, stop) => await ConnectAsync(context.DnsEndPoint, stop)));
    }

    public Task StartAsync(CancellationToken stop) => _server.StartAsync(this, stop);

    /// <summary>Serves a connection to its end.</summary>
    public Task ServeAsync(Stream stream, IPEndPoint client, IPEndPoint local, CancellationToken stop)
        => _handOver.ServeAsync(stream, local, client, isHttp2: false, session: null, stop);

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception) => ((DefaultHttpContext)context).Uninitialize();

    public async Task ProcessRequestAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!Uri.TryCreate(target, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp)
        {
            await SayAsync(context, StatusCodes.Status400BadRequest, HttpMethods.IsConnect(context.Request.Method)
                ? "CONNECT must be the first request of a connection."
                : "This is a way into the mesh and no server: use it as HTTP proxy (http_proxy), or as SOCKS5 proxy (all_proxy=socks5h://...); https goes by CONNECT.");
            return;
        }

        var error = await _forwarder.SendAsync(context, $"http://{uri.Authority}", _client, NoLimit, new AsItCame(target, context.Request.Host.Value ?? uri.Authority), context.RequestAborted);
        if (error == ForwarderError.None || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        var refused = (context.Features.Get<IForwarderErrorFeature>()?.Exception?.GetBaseException() as RefusedException)?.Opening;
        await SayAsync(
            context, refused?.Failure == EntryFailure.NotReady ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status502BadGateway,
            refused?.Problem ?? $"The connection to {uri.Authority} was closed without an answer. If that is a service of the mesh, this pod may not be allowed to call it; osm why tells.");
    }

    public async ValueTask DisposeAsync()
    {
        await HandOver.StopAtOnceAsync(_server);
        _client.Dispose();
        await _services.DisposeAsync();
    }

    private static async Task SayAsync(HttpContext context, int status, string problem)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync($"osm: {problem}\n", context.RequestAborted);
    }

    private async Task<Stream> ConnectAsync(DnsEndPoint to, CancellationToken stop)
    {
        var opening = await _way.OpenAsync(to.Host.Trim('[', ']'), to.Port, Within, stop);
        if (opening.Carry is null)
        {
            throw new RefusedException(opening);
        }

        var (near, far) = StreamPair.Create();
        _ = Task.Run(() => opening.Carry(far), CancellationToken.None);
        return near;
    }

    private sealed class RefusedException(Opening opening) : IOException(opening.Problem)
    {
        public Opening Opening { get; } = opening;
    }

    private sealed class AsItCame(string target, string host) : HttpTransformer
    {
        private static readonly UriCreationOptions Literally = new() { DangerousDisablePathAndQueryCanonicalization = true };

        public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            RepeatedHeaders.Join(httpContext.Request.Headers, proxyRequest);
            proxyRequest.Headers.Host = host;
            proxyRequest.RequestUri = new(target, Literally);
        }
    }
}
