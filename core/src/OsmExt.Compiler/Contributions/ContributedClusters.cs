using System.Text;
using Envoy.Config.Cluster.V3;
using Google.Protobuf;
using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Contributions;

/// <summary>
/// Clusters of plugins that lead to services of the mesh: <c>type: EDS</c>, with the service's cluster as <c>service_name</c>. The plugin says
/// how the service is spoken to; where it is, and mutual TLS with it, is the mesh's. They are for proxies that may reach the service.
/// </summary>
internal static class ContributedClusters
{
    private static readonly ContributionPoint[] Users =
        [ContributionPoint.HttpFilter, ContributionPoint.NetworkFilter, ContributionPoint.AccessLog, ContributionPoint.Tracing];

    public static bool LeadsToMesh(Cluster cluster)
        => cluster.ClusterDiscoveryTypeCase == Cluster.ClusterDiscoveryTypeOneofCase.Type && cluster.Type == Cluster.Types.DiscoveryType.Eds;

    /// <summary>The services that contributed clusters lead to, as far as these proxies may reach them.</summary>
    public static EquatableArray<MeshService> ServicesOf(ScopeView view)
    {
        var names = view.Contributions.All.Select(item => item.Message).OfType<Cluster>().Where(LeadsToMesh).Select(NameOf).ToHashSet(StringComparer.Ordinal);
        return names.Count == 0 ? [] : [.. view.Clusters.Where(service => names.Contains(service.Cluster)).DistinctBy(service => service.Cluster)];
    }

    /// <summary>The cluster as these proxies get it; null when they may not reach its service.</summary>
    /// <param name="cluster">The plugin's; it is changed.</param>
    /// <param name="frame">Whose.</param>
    /// <param name="services">Those of <see cref="ServicesOf"/>.</param>
    public static Cluster? Complete(Cluster cluster, ScopeView frame, EquatableArray<MeshService> services)
    {
        if (!LeadsToMesh(cluster))
        {
            return cluster;
        }

        if (services.FirstOrDefault(service => string.Equals(service.Cluster, NameOf(cluster), StringComparison.Ordinal)) is not { } service)
        {
            return null;
        }

        cluster.EdsClusterConfig.EdsConfig = Protos.Ads;
        cluster.TransportSocket = TlsContexts.Upstream(frame, service);
        ConnectionMark.Write(cluster, frame.Settings.TrustDomains.ConnectionsAfter);
        return cluster;
    }

    /// <summary>What is said of a cluster that these proxies do not get; nothing where nothing of the plugin's uses it.</summary>
    public static Diagnostic? Unreachable(PlacedContribution item, ScopeView frame, EquatableArray<MeshService> own)
        => !IsUsed(item, frame.Contributions, own) ? null : new(DiagnosticCodes.DanglingReference, Severity.Warning, item.Subject, "",
            $"Proxies of {frame.Scope.Identity} may not reach {NameOf((Cluster)item.Message)}, so plugin {item.Plugin} cannot call it from them",
            "Let them reach it with a TrafficTarget, or correct the service's name");

    private static bool IsUsed(PlacedContribution item, ScopeContributions contributions, EquatableArray<MeshService> own)
    {
        var name = Encoding.UTF8.GetBytes(((Cluster)item.Message).Name);
        var placed = Users.SelectMany(point => contributions.At(point, Direction.Outbound).Concat(own.SelectMany(service => contributions.At(point, Direction.Inbound, service))));
        return placed.Any(user => string.Equals(user.Plugin, item.Plugin, StringComparison.Ordinal) && user.Message.ToByteArray().AsSpan().IndexOf(name) >= 0);
    }

    private static string NameOf(Cluster cluster) => cluster.EdsClusterConfig?.ServiceName ?? "";
}
