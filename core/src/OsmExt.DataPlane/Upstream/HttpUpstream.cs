using System.Net;
using Envoy.Extensions.Upstreams.Http.V3;
using OsmExt.Simulation;

namespace OsmExt.DataPlane.Upstream;

/// <summary>
/// Requests to a cluster's endpoints. TLS is ours and beneath, so that names, certificates and protocols are as the cluster says; what is
/// above sees plain HTTP of the version it asks for.
/// </summary>
internal sealed class HttpUpstream : IDisposable
{
    private const string Options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    private readonly UpstreamCluster _cluster;
    private readonly HttpProtocolOptions? _protocol;
    private readonly Lazy<HttpMessageInvoker> _invoker;

    public HttpUpstream(UpstreamCluster cluster)
    {
        _cluster = cluster;
        _protocol = cluster.Message.TypedExtensionProtocolOptions.TryGetValue(Options, out var any)
            ? Packed.Open(any, $"cluster {cluster.Message.Name}") as HttpProtocolOptions : null;
        _invoker = new(Create);
    }

    public HttpMessageInvoker Invoker => _invoker.Value;

    /// <summary>The version to speak to the endpoints, for a request that came in another, perhaps.</summary>
    public Version VersionFor(bool downstreamIsHttp2) => _protocol?.UpstreamProtocolOptionsCase switch
    {
        HttpProtocolOptions.UpstreamProtocolOptionsOneofCase.UseDownstreamProtocolConfig => downstreamIsHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
        HttpProtocolOptions.UpstreamProtocolOptionsOneofCase.ExplicitHttpConfig =>
            _protocol.ExplicitHttpConfig.Http2ProtocolOptions is not null ? HttpVersion.Version20 : HttpVersion.Version11,
#pragma warning disable CS0612 // Deprecated, but a configuration may still have it.
        _ => _cluster.Message.Http2ProtocolOptions is not null ? HttpVersion.Version20 : HttpVersion.Version11,
#pragma warning restore CS0612
    };

    public void Dispose()
    {
        if (_invoker.IsValueCreated)
        {
            _invoker.Value.Dispose();
        }
    }

    private HttpMessageInvoker Create() => new(PlainHandler.Create(
        _protocol?.CommonHttpProtocolOptions?.IdleTimeout?.ToTimeSpan() is { Ticks: > 0 } idle ? idle : TimeSpan.FromHours(1),
        (context, stop) =>
        {
            _cluster.Counts?.Speaks(http2: context.InitialRequestMessage.Version.Major == 2);
            return _cluster.ConnectAsync(context.DnsEndPoint.Host, stop);
        }), disposeHandler: true);
}
