using Envoy.Extensions.Filters.Http.HealthCheck.V3;
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
using HttpGlobal = Envoy.Extensions.Filters.Http.Ratelimit.V3.RateLimit;
using HttpLocal = Envoy.Extensions.Filters.Http.LocalRatelimit.V3.LocalRateLimit;
using NetworkGlobal = Envoy.Extensions.Filters.Network.Ratelimit.V3.RateLimit;
using NetworkLocal = Envoy.Extensions.Filters.Network.LocalRatelimit.V3.LocalRateLimit;
using NetworkRbac = Envoy.Extensions.Filters.Network.Rbac.V3.RBAC;

namespace OsmExt.Compiler.Translation;

/// <summary>What proxies can do.</summary>
internal static class Capabilities
{
    /// <summary>The newest Envoy the mesh is tested with.</summary>
    public const string NewestEnvoy = "1.40.0";

    // Newer than the oldest release, and plugins are known to use it.
    private const string StatsLogger = "envoy.extensions.access_loggers.stats.v3.Config";

    // As the official build of 1.36.2 lists them in node.extensions.
    private static readonly Lazy<string[]> Release = new(ReadRelease);

    /// <summary>What every Envoy the mesh supports (1.36 and later) has. It is assumed of a proxy that lists no extensions.</summary>
    public static ProxyCapabilities Baseline { get; } = new("", new[]
    {
        HttpConnectionManager.Descriptor, TcpProxy.Descriptor, NetworkRbac.Descriptor,
        Router.Descriptor, RBAC.Descriptor, RBACPerRoute.Descriptor, HealthCheck.Descriptor,
        HttpLocal.Descriptor, HttpGlobal.Descriptor, NetworkLocal.Descriptor, NetworkGlobal.Descriptor,
        OriginalDst.Descriptor, TlsInspector.Descriptor, HttpInspector.Descriptor,
        UpstreamTlsContext.Descriptor, DownstreamTlsContext.Descriptor, HttpProtocolOptions.Descriptor,
    }.Select((MessageDescriptor descriptor) => descriptor.FullName));

    /// <summary>What a release build of that version has: all that 1.36 has, and what is known to be used beyond it.</summary>
    /// <param name="version">The version.</param>
    /// <param name="incremental">
    /// Whether it is connected as sidecars of the mesh are. Without it everything about a route is in its route configuration, which
    /// is what people and the simulator read.
    /// </param>
    public static ProxyCapabilities OfRelease(string version, bool incremental = false)
    {
        var named = new ProxyCapabilities(version, Release.Value) { Incremental = incremental };
        return named.IsAtLeast(1, 37)
            ? new(version, Release.Value.Append(StatsLogger)) { Incremental = incremental }
            : named;
    }

    private static string[] ReadRelease()
    {
        using var list = typeof(Capabilities).Assembly.GetManifestResourceStream("envoy-1.36-extensions.txt")!;
        return new StreamReader(list).ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>
    /// Whether virtual hosts are sent to it one by one, so that a service more or less is one host more or less and not its port's
    /// whole route configuration. Envoy before 1.40 refuses that on an aggregated stream.
    /// </summary>
    public static bool TakesVirtualHosts(this ProxyCapabilities capabilities) => capabilities.Incremental && capabilities.IsAtLeast(1, 40);

    /// <summary>Whether the proxy is at least that version of Envoy; a proxy that does not say is not.</summary>
    public static bool IsAtLeast(this ProxyCapabilities capabilities, int major, int minor)
        => Version.TryParse(capabilities.Version, out var version) && version >= new Version(major, minor);
}
