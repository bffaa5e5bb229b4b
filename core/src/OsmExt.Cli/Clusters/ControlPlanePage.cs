using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Autorest;

namespace OsmExt.Cli.Clusters;

/// <summary>Pages of a control plane's health and version port, where not having them is an answer too.</summary>
internal static class ControlPlanePage
{
    /// <summary>A page of some replica as JSON; null when none answers.</summary>
    public static async Task<JsonNode?> TryReadAsync(ClusterSession session, string ns, string page, CancellationToken cancellation)
    {
        try
        {
            var pods = await ControllerPods.PodsAsync(session, ns, cancellation).ConfigureAwait(false);
            using var client = PortForward.CreateClient(session, ns, pods[0], MeshNames.HttpPort);
            return JsonNode.Parse(await client.GetStringAsync(new Uri($"/{page}", UriKind.Relative), cancellation).ConfigureAwait(false));
        }
        catch (Exception failure) when (failure is CommandException or HttpRequestException or HttpOperationException or JsonException)
        {
            return null;
        }
    }
}
