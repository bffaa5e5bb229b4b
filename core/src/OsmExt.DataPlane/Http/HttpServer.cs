using System.Text;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using OsmExt.DataPlane.Listeners;
using OsmExt.Simulation.Listeners;

namespace OsmExt.DataPlane.Http;

/// <summary>Reads requests from connections, which is Kestrel's part, and has them served.</summary>
internal sealed class HttpServer : IHttpApplication<HttpContext>, IAsyncDisposable
{
    private readonly Func<HttpContext, HttpSession, Task> _serve;
    private readonly HttpLimits _limits;
    private readonly HandOver _handOver = new();
    private readonly KestrelServer _server;

    /// <param name="options">What traffic needs from outside.</param>
    /// <param name="services">What Kestrel asks for services.</param>
    /// <param name="limits">What it takes from clients.</param>
    /// <param name="serve">Serves a request.</param>
    public HttpServer(TrafficOptions options, IServiceProvider services, HttpLimits limits, Func<HttpContext, HttpSession, Task> serve)
    {
        _serve = serve;
        _limits = limits;
        _server = new(Options.Create(Configure(services, limits)), _handOver, options.Logs);
    }

    public Task StartAsync(CancellationToken stop) => _server.StartAsync(this, stop);

    /// <summary>Serves a connection to its end.</summary>
    public async Task ServeAsync(HttpConnectionManager manager, Served served, Stream stream, CancellationToken stop)
    {
        var http2 = manager.CodecType == HttpConnectionManager.Types.CodecType.Http2;
        if (manager.CodecType == HttpConnectionManager.Types.CodecType.Auto)
        {
            using var quiet = CancellationTokenSource.CreateLinkedTokenSource(stop);
            quiet.CancelAfter(_limits.Idle);
            var first = await FirstBytes.ReadPrefaceAsync(stream, quiet.Token);
            (stream, http2) = (first.Stream, first.Payload == Payload.Http2);
        }

        served.Counts?.Speaks(http2);
        await _handOver.ServeAsync(stream, served.Facts.Local, served.Source, http2, new HttpSession(manager, served, http2), stop);
    }

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public async Task ProcessRequestAsync(HttpContext context)
    {
        var session = context.Features.GetRequiredFeature<HttpSession>();
        session.Served.Residence.Begin();
        session.Served.Counts?.RequestBegins();
        try
        {
            await _serve(context, session);
        }
        finally
        {
            session.Served.Residence.Answered();
            session.Served.Counts?.RequestEnds(context.Response.StatusCode);
        }
    }

    public void DisposeContext(HttpContext context, Exception? exception) => ((DefaultHttpContext)context).Uninitialize();

    public ValueTask DisposeAsync() => HandOver.StopAtOnceAsync(_server);

    private static KestrelServerOptions Configure(IServiceProvider services, HttpLimits limits)
    {
        var options = new KestrelServerOptions
        {
            ApplicationServices = services,
            AddServerHeader = false,
            AllowAlternateSchemes = true,
            AllowHostHeaderOverride = true,
            RequestHeaderEncodingSelector = _ => Encoding.Latin1,
            ResponseHeaderEncodingSelector = _ => Encoding.Latin1,
        };
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MaxRequestLineSize = limits.HeaderBytes;
        options.Limits.MaxRequestBufferSize = 2 * limits.HeaderBytes;
        options.Limits.MaxRequestHeadersTotalSize = limits.HeaderBytes;
        options.Limits.MaxRequestHeaderCount = limits.HeaderCount;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Limits.KeepAliveTimeout = limits.Idle;
        options.Limits.RequestHeadersTimeout = limits.HeadersTime;
        options.Limits.Http2.MaxStreamsPerConnection = 1024;
        options.Limits.Http2.MaxRequestHeaderFieldSize = limits.HeaderBytes;
        options.Limits.Http2.InitialConnectionWindowSize = 1024 * 1024;
        options.Limits.Http2.InitialStreamWindowSize = 512 * 1024;
        options.Listen(HandOver.Http1, listen => listen.Protocols = HttpProtocols.Http1);
        options.Listen(HandOver.Http2, listen => listen.Protocols = HttpProtocols.Http2);
        return options;
    }
}
