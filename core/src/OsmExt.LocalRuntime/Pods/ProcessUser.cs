using System.Runtime.Versioning;
using OsmExt.Interception;
using OsmExt.LocalRuntime.Processes;

namespace OsmExt.LocalRuntime.Pods;

/// <summary>Chooses the user a container runs as.</summary>
internal static class ProcessUser
{
    /// <summary>The user that owns nothing.</summary>
    public const uint Nobody = 65534;

    /// <summary>
    /// Nobody, if that user can reach the program. Else the owner of what is in the way, commonly a home directory (root then has
    /// no privilege but its files). Null when that would be the proxy's user, whose connections go around the sidecar.
    /// </summary>
    [SupportedOSPlatform("linux")]
    public static uint? For(string program)
    {
        var user = FileAccessRules.FirstBarrier(program) is { } barrier ? Native.OwnerOf(barrier) : Nobody;
        return user == SidecarPorts.ProxyUser ? null : user;
    }
}
