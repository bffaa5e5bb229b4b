using System.Globalization;
using System.Text;
using Envoy.Admin.V3;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using OsmExt.Envoy;
using StatKind = Envoy.Admin.V3.SimpleMetric.Types.Type;

namespace OsmExt.DataPlane.Admin;

/// <summary>Clusters and their endpoints, in both of the shapes of Envoy's <c>/clusters</c>.</summary>
internal static class ClustersPage
{
    public static Clusters Json(SidecarState state)
    {
        var endpoints = state.Endpoints.ToLookup(endpoint => endpoint.Cluster, StringComparer.Ordinal);
        var page = new Clusters();
        foreach (var (name, held) in state.Keeper.Current.InForce(TypeUrls.Cluster))
        {
            var cluster = (Cluster)held.Resource.Message;
            page.ClusterStatuses.Add(new ClusterStatus
            {
                Name = name,
                AddedViaApi = true,
                ObservabilityName = cluster.AltStatName.Length > 0 ? cluster.AltStatName : name,
                EdsServiceName = cluster.EdsClusterConfig?.ServiceName ?? "",
                CircuitBreakers = cluster.CircuitBreakers,
                HostStatuses = { endpoints[name].Select(Host) },
            });
        }

        return page;
    }

    public static string Text(SidecarState state)
    {
        var text = new StringBuilder();
        foreach (var cluster in Json(state).ClusterStatuses)
        {
            Line(cluster.Name, "observability_name", cluster.ObservabilityName);
            foreach (var thresholds in cluster.CircuitBreakers?.Thresholds.AsEnumerable() ?? [])
            {
                var priority = $"{cluster.Name}::{(thresholds.Priority == RoutingPriority.High ? "high" : "default")}_priority";
                Line(priority, "max_connections", thresholds.MaxConnections ?? 1024);
                Line(priority, "max_pending_requests", thresholds.MaxPendingRequests ?? 1024);
                Line(priority, "max_requests", thresholds.MaxRequests ?? 1024);
                Line(priority, "max_retries", thresholds.MaxRetries ?? 3);
            }

            Line(cluster.Name, "added_via_api", cluster.AddedViaApi ? "true" : "false");
            foreach (var host in cluster.HostStatuses)
            {
                var place = $"{cluster.Name}::{Address(host)}";
                foreach (var stat in host.Stats)
                {
                    Line(place, stat.Name, stat.Value);
                }

                Line(place, "hostname", host.Hostname);
                Line(place, "health_flags", Flags(host.HealthStatus));
                Line(place, "weight", host.Weight);
                Line(place, "region", host.Locality?.Region ?? "");
                Line(place, "zone", host.Locality?.Zone ?? "");
                Line(place, "sub_zone", host.Locality?.SubZone ?? "");
                Line(place, "priority", host.Priority);
            }
        }

        return text.ToString();

        void Line(string place, string name, object value) => text.Append(CultureInfo.InvariantCulture, $"{place}::{name}::{value}\n");
    }

    private static HostStatus Host(EndpointStatus endpoint) => new()
    {
        Address = new() { SocketAddress = new() { Address = endpoint.Address.Address.ToString(), PortValue = (uint)endpoint.Address.Port } },
        Hostname = endpoint.Hostname,
        Weight = endpoint.Weight,
        Priority = endpoint.Priority,
        Locality = new() { Region = endpoint.Locality.Region ?? "", Zone = endpoint.Locality.Zone ?? "", SubZone = endpoint.Locality.SubZone ?? "" },
        HealthStatus = new() { FailedOutlierCheck = endpoint.Ejected, EdsHealthStatus = endpoint.FailedEds ? HealthStatus.Unhealthy : HealthStatus.Healthy },
        Stats =
        {
            Stat("cx_active", endpoint.ActiveConnections, StatKind.Gauge), Stat("cx_connect_fail", endpoint.FailedConnections, StatKind.Counter),
            Stat("cx_total", endpoint.TotalConnections, StatKind.Counter), Stat("rq_active", endpoint.ActiveRequests, StatKind.Gauge),
            Stat("rq_error", endpoint.FailedRequests, StatKind.Counter), Stat("rq_success", endpoint.SucceededRequests, StatKind.Counter),
            Stat("rq_total", endpoint.TotalRequests, StatKind.Counter),
        },
    };

    private static SimpleMetric Stat(string name, long value, StatKind type) => new() { Name = name, Value = (ulong)Math.Max(0, value), Type = type };

    private static string Address(HostStatus host) => host.Address.SocketAddress is { } socket && socket.Address.Contains(':', StringComparison.Ordinal)
        ? $"[{socket.Address}]:{socket.PortValue}" : $"{host.Address.SocketAddress!.Address}:{host.Address.SocketAddress.PortValue}";

    private static string Flags(HostHealthStatus health)
    {
        var flags = $"{(health.FailedOutlierCheck ? "/failed_outlier_check" : "")}{(health.EdsHealthStatus == HealthStatus.Unhealthy ? "/failed_eds_health" : "")}";
        return flags.Length > 0 ? flags : "healthy";
    }
}
