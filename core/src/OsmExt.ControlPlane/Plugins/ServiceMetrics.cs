using OsmExt.PluginHost.Loading;
using OsmExt.Sdk.Plugins;
using Prometheus;

namespace OsmExt.ControlPlane.Plugins;

/// <summary>How the services of plugins are, by plugin and service.</summary>
internal sealed class ServiceMetrics
{
    private readonly Gauge _health;
    private readonly Counter _restarts;
    private readonly Counter _published;

    public ServiceMetrics(IMetricFactory factory)
    {
        var labels = new[] { "plugin", "service" };
        _health = factory.CreateGauge("osm_plugin_service_health", "2: healthy, 1: degraded, 0: unhealthy.", labels);
        _restarts = factory.CreateCounter("osm_plugin_service_restarts_total", "Starts after a failure.", labels);
        _published = factory.CreateCounter("osm_plugin_service_published_total", "Values that were published and differ from the ones before.", labels);
    }

    public void Read(IReadOnlyList<LoadedPlugin> plugins)
    {
        var all = plugins.SelectMany(plugin => plugin.Services.All.Select(run => (Labels: new[] { plugin.Id, run.Declaration.Name }, Run: run))).ToArray();
        foreach (var gone in _health.GetAllLabelValues().Where(known => !all.Any(entry => entry.Labels.SequenceEqual(known))).ToArray())
        {
            _health.RemoveLabelled(gone);
            _restarts.RemoveLabelled(gone);
            _published.RemoveLabelled(gone);
        }

        foreach (var (names, run) in all)
        {
            _health.WithLabels(names).Set(run.Status.Health switch { ServiceHealth.Healthy => 2, ServiceHealth.Degraded => 1, _ => 0 });
            _restarts.WithLabels(names).IncTo(run.Restarts);
            _published.WithLabels(names).IncTo(run.Published);
        }
    }
}
