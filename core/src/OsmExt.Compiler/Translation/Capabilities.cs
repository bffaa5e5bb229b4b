using Envoy.Extensions.Filters.Http.Rbac.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Listener.HttpInspector.V3;
using Envoy.Extensions.Filters.Listener.OriginalDst.V3;
using Envoy.Extensions.Filters.Listener.TlsInspector.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Extensions.Upstreams.Http.V3;
using Google.Protobuf.Reflection;
using OsmExt.Sdk.Ir;
using NetworkRbac = Envoy.Extensions.Filters.Network.Rbac.V3.RBAC;

namespace OsmExt.Compiler.Translation;

/// <summary>What proxies can do.</summary>
internal static class Capabilities
{
    /// <summary>
    /// What every Envoy the mesh supports (1.36 and later) has. It is assumed of a proxy that lists no extensions, and of all
    /// proxies when configuration is only printed.
    /// </summary>
    public static ProxyCapabilities Baseline { get; } = new("", new[]
    {
        HttpConnectionManager.Descriptor, TcpProxy.Descriptor, NetworkRbac.Descriptor,
        Router.Descriptor, RBAC.Descriptor, RBACPerRoute.Descriptor,
        OriginalDst.Descriptor, TlsInspector.Descriptor, HttpInspector.Descriptor,
        UpstreamTlsContext.Descriptor, DownstreamTlsContext.Descriptor, HttpProtocolOptions.Descriptor,
    }.Select((MessageDescriptor descriptor) => descriptor.FullName));

    /// <summary>Whether the proxy is at least that version of Envoy; a proxy that does not say is not.</summary>
    public static bool IsAtLeast(this ProxyCapabilities capabilities, int major, int minor)
        => Version.TryParse(capabilities.Version, out var version) && version >= new Version(major, minor);
}
