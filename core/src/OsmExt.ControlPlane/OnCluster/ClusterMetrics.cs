using System.Globalization;
using OsmExt.Kubernetes.Cluster;
using Prometheus;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>What this process asks of the API server.</summary>
internal sealed class ClusterMetrics(IMetricFactory metrics) : IClusterObserver
{
    private readonly Counter _calls = metrics.CreateCounter("osm_api_server_requests_total", "Requests to the API server; code 0 for those without an answer.", ["verb", "resource", "code"]);
    private readonly Counter _lists = metrics.CreateCounter("osm_api_server_lists_total", "Times all objects of a kind were read; again, when it was not for the first time.", ["resource", "again"]);

    public void Called(string verb, string resource, int status) => _calls.WithLabels(verb, resource, status.ToString(CultureInfo.InvariantCulture)).Inc();

    public void Listing(string resource, bool again) => _lists.WithLabels(resource, again ? "true" : "false").Inc();
}
