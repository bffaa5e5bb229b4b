using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Forwarder;

namespace OsmExt.Testing.Hosting.Applications;

/// <summary>An application that answers through an <see cref="HttpMessageHandler"/>, such as a test server's.</summary>
internal sealed class HandlerApplication(HttpMessageHandler handler) : IPodApplication
{
    private readonly HttpMessageInvoker _invoker = new(handler, disposeHandler: false);
    private HttpApplication? _application;

    public ValueTask<Stream> OpenAsync(IPEndPoint source, IPEndPoint local, CancellationToken stop)
        => LazyInitializer.EnsureInitialized(ref _application, () => new(Map, services => services.AddHttpForwarder())).OpenAsync(source, local, stop);

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.DisposeAsync().ConfigureAwait(false);
        }

        _invoker.Dispose();
    }

    private void Map(WebApplication application)
    {
        var forwarder = application.Services.GetRequiredService<IHttpForwarder>();
        application.Run(async context => await forwarder.SendAsync(
            context, "http://localhost/", _invoker, new() { Version = HttpProtocol.IsHttp2(context.Request.Protocol) ? HttpVersion.Version20 : HttpVersion.Version11 }, KeepsHost.Instance).ConfigureAwait(false));
    }

    private sealed class KeepsHost : HttpTransformer
    {
        public static KeepsHost Instance { get; } = new();

        public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);
            proxyRequest.Headers.Host = httpContext.Request.Host.Value;
        }
    }
}
