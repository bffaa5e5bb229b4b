using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Discovery;

/// <summary>Which Kubernetes the server speaks like.</summary>
internal static class ServerVersion
{
    public static JsonObject ToJson() => new()
    {
        ["major"] = "1",
        ["minor"] = "34",
        ["gitVersion"] = "v1.34.0+osm-test-api-server",
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "2025-08-27T00:00:00Z",
        ["goVersion"] = "none",
        ["compiler"] = "dotnet",
        ["platform"] = "linux/amd64",
    };
}
