using System.Reflection;
using Envoy.Config.Core.V3;

namespace OsmExt.DataPlane.Discovery;

/// <summary>
/// What the embedded data plane says about itself. The version is that of the Envoy it decides like, because that is what control planes and
/// plugins ask of it; its own stands beside it.
/// </summary>
internal static class NodeIdentity
{
    /// <summary>How it is called in <c>node.user_agent_name</c>.</summary>
    public const string UserAgent = "osmext";

    // OsmExt.Simulation decides like this release.
    private const uint Major = 1;
    private const uint Minor = 40;

    /// <summary>This program's own version.</summary>
    public static string Version { get; } = typeof(NodeIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>The Envoy it decides like.</summary>
    public static string EnvoyVersion => $"{Major}.{Minor}.0";

    /// <param name="node">Who it is, as the bootstrap says.</param>
    public static Node Of(Node node)
    {
        var said = node.Clone();
        said.UserAgentName = UserAgent;
        said.UserAgentBuildVersion = new()
        {
            Version = new() { MajorNumber = Major, MinorNumber = Minor },
            Metadata = new() { Fields = { ["osmext.version"] = Google.Protobuf.WellKnownTypes.Value.ForString(Version) } },
        };
        said.Extensions.Clear();
        said.Extensions.AddRange(Capabilities.Extensions.OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => new Extension { Name = entry.Key, Category = entry.Value, TypeUrls = { entry.Key } }));
        return said;
    }
}
