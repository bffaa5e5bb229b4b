using System.Globalization;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;

namespace OsmExt.Simulation.Http;

/// <summary>What a connection manager does to a host name before a virtual host is looked for.</summary>
internal static class HostNormalization
{
    public static string Apply(HttpConnectionManager connection, string host, int localPort)
    {
        if (connection.StripTrailingHostDot)
        {
            host = WithoutDot(host);
        }

        return connection.StripAnyHostPort ? WithoutPort(host, null) : connection.StripMatchingHostPort ? WithoutPort(host, localPort) : host;
    }

    /// <summary>Where the port's colon stands, or -1; colons of an IPv6 address are none.</summary>
    public static int PortStart(string host)
    {
        var colon = host.LastIndexOf(':');
        return colon >= 0 && host.LastIndexOf(']') < colon ? colon : -1;
    }

    private static string WithoutDot(string host)
    {
        var dot = host.LastIndexOf('.');
        return dot < 0 ? host
            : dot == host.Length - 1 ? host[..dot]
            : host[dot + 1] == ':' ? host.Remove(dot, 1)
            : host;
    }

    private static string WithoutPort(string host, int? only)
    {
        var start = PortStart(host);
        return start >= 0 && uint.TryParse(host.AsSpan(start + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && (only is null || port == only)
            ? host[..start]
            : host;
    }
}
