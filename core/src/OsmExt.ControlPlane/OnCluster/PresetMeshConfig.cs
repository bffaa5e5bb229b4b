using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler;
using OsmExt.Kubernetes.Cluster;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>
/// Makes the MeshConfig of what the installer left in a ConfigMap, where there is none. One that is there is its users', and is never changed: an upgrade keeps what they have set.
/// </summary>
internal sealed partial class PresetMeshConfig(ClusterClient client, IReplicas replicas, CompilerOptions mesh, TimeProvider time, ILogger<PresetMeshConfig> logger) : BackgroundService
{
    public const string ConfigMap = "preset-mesh-config";
    public const string Key = "preset-mesh-config.json";
    public const string MeshConfig = "osm-mesh-config";
    private static readonly ApiResource ConfigMaps = new("", "v1", "configmaps");
    private static readonly ApiResource MeshConfigs = new("config.openservicemesh.io", "v1alpha2", "meshconfigs");
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!replicas.IsLeader || !await IsSettledAsync(stoppingToken).ConfigureAwait(false))
            {
                await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host takes it for a failure when it ends before it has started.
        }
    }

    /// <summary>Whether nothing is left to do: it was made, is there already, is not wanted, or cannot be made as it is.</summary>
    internal async Task<bool> IsSettledAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = await client.FindAsync(new("get", "configmaps", ConfigMaps.Of(mesh.OsmNamespace, ConfigMap)), cancellationToken).ConfigureAwait(false);
            if ((string?)found?["data"]?[Key] is not { } text)
            {
                return true;
            }

            await client.AskAsync(new("create", "meshconfigs", MeshConfigs.In(mesh.OsmNamespace)) { Body = Object(text) }, cancellationToken).ConfigureAwait(false);
            Log.Made(logger, mesh.OsmNamespace, MeshConfig, ConfigMap);
            return true;
        }
        catch (ClusterCallException refusal) when (refusal.IsConflict)
        {
            return true;
        }
        catch (Exception failure) when (failure is JsonException or ClusterCallException { Status: 400 or 422 })
        {
            Log.NotMade(logger, ConfigMap, failure.Message);
            return true;
        }
        catch (Exception failure) when (failure is HttpRequestException or ClusterCallException)
        {
            Log.TriedAgain(logger, MeshConfig, failure.Message);
            return false;
        }
    }

    private JsonObject Object(string spec) => new()
    {
        ["apiVersion"] = MeshConfigs.ApiVersion,
        ["kind"] = "MeshConfig",
        ["metadata"] = new JsonObject { ["name"] = MeshConfig, ["namespace"] = mesh.OsmNamespace },
        ["spec"] = JsonNode.Parse(spec) as JsonObject ?? throw new JsonException("it is no JSON object"),
    };

    private static partial class Log
    {
        [LoggerMessage(5370, LogLevel.Information, "Made MeshConfig {Namespace}/{Name} of ConfigMap {Preset}")]
        public static partial void Made(ILogger logger, string @namespace, string name, string preset);

        [LoggerMessage(5371, LogLevel.Error, "ConfigMap {Preset} gives no MeshConfig that the API server takes; make one by hand, or install with other values: {Reason}")]
        public static partial void NotMade(ILogger logger, string preset, string reason);

        [LoggerMessage(5372, LogLevel.Warning, "MeshConfig {Name} cannot be made yet; it is tried again: {Reason}")]
        public static partial void TriedAgain(ILogger logger, string name, string reason);
    }
}
