using OsmExt.ControlPlane.Observability;
using OsmExt.Sdk.Resources;
using Prometheus;

namespace OsmExt.ControlPlane.Pipeline;

/// <summary>What the pipeline counts. Names that OSM had keep their meaning.</summary>
internal sealed class PipelineMetrics
{
    private const int MostNamespaces = 500;

    private static readonly double[] Seconds = [.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20, 40, 90];
    private readonly Gauge _proxies;
    private readonly Gauge _scopes;
    private readonly Gauge _namespaces;
    private readonly Counter _events;
    private readonly Histogram _compile;
    private readonly BoundedLabels _namespaceLabels = new(MostNamespaces);

    public PipelineMetrics(IMetricFactory factory)
    {
        factory.CreateGauge("osm_version_info", "Always 1; the labels say what runs.", ["version", "git_commit"])
            .WithLabels(Build.Version, Build.Commit).Set(1);
        _proxies = factory.CreateGauge("osm_proxy_connect_count", "Proxies connected to this control plane.");
        _scopes = factory.CreateGauge("osm_proxy_scope_count", "Distinct configurations held for them.");
        _namespaces = factory.CreateGauge("osm_resource_namespace_count", "Namespaces that are part of the mesh.");
        _events = factory.CreateCounter("osm_k8s_api_event_count", "Objects that changed, by kind and what happened.", ["type", "namespace"]);
        _compile = factory.CreateHistogram("osm_policy_compile_delay_seconds", "From noticing a change to its policy being published.", new HistogramConfiguration { Buckets = Seconds });
    }

    public void Report(int proxies, int scopes)
    {
        _proxies.Set(proxies);
        _scopes.Set(scopes);
    }

    public void Namespaces(int count) => _namespaces.Set(count);

    public void Count(PendingChanges changes)
    {
        foreach (var difference in changes.Differences)
        {
            _events.WithLabels($"{difference.Key.Kind.ToLowerInvariant()}-{What(difference)}", _namespaceLabels.Of(difference.Key.Namespace)).Inc();
        }
    }

    public void PolicyCompiled(TimeSpan delay) => _compile.Observe(delay.TotalSeconds);

    private static string What(ResourceDifference difference) => (difference.Before, difference.After) switch
    {
        (null, _) => "added",
        (_, null) => "deleted",
        _ => "updated",
    };
}
