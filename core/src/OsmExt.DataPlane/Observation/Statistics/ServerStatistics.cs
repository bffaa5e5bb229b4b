using OsmExt.DataPlane.Discovery;
using OsmExt.Envoy;
using Prometheus;

namespace OsmExt.DataPlane.Observation.Statistics;

/// <summary>Numbers about the sidecar itself. They are looked up when somebody asks, and cost nothing else.</summary>
internal sealed class ServerStatistics
{
    private const string Cluster = "envoy_cluster_name";

    private readonly ClusterNames _names;
    private readonly Gauge _live, _uptime, _connected, _listeners, _clusters, _warmingListeners, _warmingClusters, _expiry;
    private readonly Counter _updates, _rejections;
    private readonly Gauge _members, _healthy, _clusterConnections, _clusterRequests;
    private readonly Counter _clusterConnectionsTotal, _clusterConnectFail, _logsLeftOut;

    public ServerStatistics(StatFamilies made, ClusterNames names)
    {
        _names = names;
        _live = made.Gauge("server.live", "server_live");
        _uptime = made.Gauge("server.uptime", "server_uptime");
        _expiry = made.Gauge("server.days_until_first_cert_expiring", "server_days_until_first_cert_expiring");
        _connected = made.Gauge("control_plane.connected_state", "control_plane_connected_state");
        _listeners = made.Gauge("listener_manager.total_listeners_active", "listener_manager_total_listeners_active");
        _warmingListeners = made.Gauge("listener_manager.total_listeners_warming", "listener_manager_total_listeners_warming");
        _clusters = made.Gauge("cluster_manager.active_clusters", "cluster_manager_active_clusters");
        _warmingClusters = made.Gauge("cluster_manager.warming_clusters", "cluster_manager_warming_clusters");
        _updates = made.Counter("discovery.{0}.update_success", "discovery_update_success", "type");
        _rejections = made.Counter("discovery.{0}.update_rejected", "discovery_update_rejected", "type");
        _members = made.Gauge("cluster.{0}.membership_total", "cluster_membership_total", Cluster);
        _healthy = made.Gauge("cluster.{0}.membership_healthy", "cluster_membership_healthy", Cluster);
        _clusterConnections = made.Gauge("cluster.{0}.upstream_cx_active", "cluster_upstream_cx_active", Cluster);
        _clusterRequests = made.Gauge("cluster.{0}.upstream_rq_active", "cluster_upstream_rq_active", Cluster);
        _clusterConnectionsTotal = made.Counter("cluster.{0}.upstream_cx_total", "cluster_upstream_cx_total", Cluster);
        _clusterConnectFail = made.Counter("cluster.{0}.upstream_cx_connect_fail", "cluster_upstream_cx_connect_fail", Cluster);
        _logsLeftOut = made.Counter("access_logs.left_out", "access_logs_left_out");
    }

    /// <summary>Brings them up to date.</summary>
    public void Refresh(ServerView view)
    {
        var inventory = view.Inventory;
        _live.Set(inventory.IsLive ? 1 : 0);
        _uptime.Set(Math.Floor(view.Uptime.TotalSeconds));
        _expiry.Set(view.DaysUntilExpiry);
        _connected.Set(view.Counts.IsConnected ? 1 : 0);
        _listeners.Set(inventory.InForce(TypeUrls.Listener).Count);
        _warmingListeners.Set(inventory.Warming(TypeUrls.Listener).Count());
        _clusters.Set(inventory.InForce(TypeUrls.Cluster).Count);
        _warmingClusters.Set(inventory.Warming(TypeUrls.Cluster).Count());
        _logsLeftOut.IncTo(view.LogsLeftOut);
        foreach (var (type, (taken, refused, _)) in view.Counts.ByType)
        {
            _updates.WithLabels(TypeUrls.ShortName(type)).IncTo(taken);
            _rejections.WithLabels(TypeUrls.ShortName(type)).IncTo(refused);
        }

        var clusters = view.Endpoints.GroupBy(endpoint => _names.Of(endpoint.Cluster), StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
        foreach (var (name, endpoints) in clusters)
        {
            _members.WithLabels(name).Set(endpoints.Length);
            _healthy.WithLabels(name).Set(endpoints.Count(endpoint => endpoint is { FailedEds: false, Ejected: false }));
            _clusterConnections.WithLabels(name).Set(endpoints.Sum(endpoint => endpoint.ActiveConnections));
            _clusterRequests.WithLabels(name).Set(endpoints.Sum(endpoint => endpoint.ActiveRequests));
            _clusterConnectionsTotal.WithLabels(name).IncTo(endpoints.Sum(endpoint => endpoint.TotalConnections));
            _clusterConnectFail.WithLabels(name).IncTo(endpoints.Sum(endpoint => endpoint.FailedConnections));
        }

        foreach (var gauge in new[] { _members, _healthy, _clusterConnections, _clusterRequests })
        {
            foreach (var labels in gauge.GetAllLabelValues().Where(labels => !clusters.ContainsKey(labels[0])).ToArray())
            {
                gauge.RemoveLabelled(labels);
            }
        }
    }
}

/// <summary>What there is to count about a sidecar at one moment.</summary>
internal sealed record ServerView(Inventory Inventory, DiscoveryCounts Counts, IReadOnlyList<EndpointStatus> Endpoints)
{
    public required TimeSpan Uptime { get; init; }

    public required int DaysUntilExpiry { get; init; }

    public required long LogsLeftOut { get; init; }
}
