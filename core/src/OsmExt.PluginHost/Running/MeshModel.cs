using System.Text.Json.Nodes;
using OsmExt.Compiler;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Running;

/// <summary>The mesh's settings as templates see them in slots that are filled for the mesh.</summary>
internal static class MeshModel
{
    public static ResourceKey Origin(CompilerOptions options) => new(nameof(MeshConfig), options.OsmNamespace, MeshConfig.WellKnownName);

    public static ConfigValue Of(MeshSettings settings, CompilerOptions options) => ConfigValue.Of(new JsonObject
    {
        ["osmNamespace"] = options.OsmNamespace,
        ["permissive"] = settings.Permissive,
        ["trafficMetrics"] = settings.TrafficMetrics,
        ["tracing"] = settings.Tracing is { } collector
            ? new JsonObject { ["address"] = collector.Address, ["port"] = collector.Port, ["path"] = collector.Path }
            : null,
    });
}
