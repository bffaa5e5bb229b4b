using Microsoft.AspNetCore.Http;

namespace OsmExt.DataPlane.Entry;

/// <summary>Reads <c>HOST:PORT</c>.</summary>
internal static class Authority
{
    /// <summary>The host, IPv6 addresses without brackets, and the port. Null when it is not both.</summary>
    public static (string Host, int Port)? Parse(string text)
    {
        var authority = new HostString(text);
        try
        {
            var host = authority.Host.Trim('[', ']');
            return authority.Port is { } port and > 0 and <= ushort.MaxValue && Uri.CheckHostName(host) != UriHostNameType.Unknown ? (host, port) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
