using OsmExt.PluginHost;
using OsmExt.PluginHost.Loading;
using Prometheus;

namespace OsmExt.ControlPlane.Plugins;

/// <summary>What plugins cost, by plugin and nothing else: there are as many series as plugins. Read when it is asked for.</summary>
internal sealed class PluginMetrics
{
    private readonly PluginsInForce _plugins;
    private readonly Collector<Counter.Child>[] _all;
    private readonly ServiceMetrics _services;
    private readonly Gauge _contributions;
    private readonly Gauge _bytes;
    private readonly Gauge _quarantined;
    private readonly Gauge _step;
    private readonly Gauge _takenBack;
    private readonly PluginRollouts _rollouts;
    private volatile Dictionary<string, int> _leftOut = [];

    public PluginMetrics(IMetricFactory factory, CollectorRegistry registry, PluginsInForce plugins, PluginRollouts rollouts)
    {
        (_plugins, _rollouts) = (plugins, rollouts);
        var labels = new[] { "plugin" };
        var calls = factory.CreateCounter("osm_plugin_calls_total", "Calls of a plugin's code and renderings of its templates.", labels);
        var errors = factory.CreateCounter("osm_plugin_errors_total", "Calls and renderings that failed.", labels);
        var seconds = factory.CreateCounter("osm_plugin_seconds_total", "Time of calls and renderings.", labels);
        var allocated = factory.CreateCounter("osm_plugin_allocated_bytes_total", "Memory that calls and renderings took, kept or not.", labels);
        var rejections = factory.CreateCounter("osm_plugin_rejections_total", "Contributions that Envoy refused.", labels);
        _all = [calls, errors, seconds, allocated, rejections];
        _contributions = factory.CreateGauge("osm_plugin_contributions", "Contributions that can be used.", labels);
        _bytes = factory.CreateGauge("osm_plugin_bytes", "Size of the configuration they became.", labels);
        _quarantined = factory.CreateGauge("osm_plugin_quarantined", "Contributions left out because Envoy refused them.", labels);
        _step = factory.CreateGauge("osm_plugin_rollout_step", "The step, from 1, that a new version is at; 0 when none is rolled out.", labels);
        _takenBack = factory.CreateGauge("osm_plugin_rollout_taken_back", "1 when a new version was taken back, and its files are still there.", labels);
        registry.AddBeforeCollectCallback(() => Read(calls, errors, seconds, allocated, rejections));
        _services = new(factory);
    }

    /// <summary>How many contributions are left out now, by plugin.</summary>
    public void Quarantined(IEnumerable<KeyValuePair<string, int>> byPlugin) => _leftOut = byPlugin.ToDictionary(StringComparer.Ordinal);

    private void Read(Counter calls, Counter errors, Counter seconds, Counter allocated, Counter rejections)
    {
        var plugins = _plugins.Current.Plugins;
        var (known, leftOut) = (plugins.Select(plugin => plugin.Id).ToHashSet(StringComparer.Ordinal), _leftOut);
        foreach (var gone in calls.GetAllLabelValues().Select(labels => labels[0]).Where(id => !known.Contains(id)).ToArray())
        {
            Forget(gone);
        }

        foreach (var plugin in plugins)
        {
            calls.WithLabels(plugin.Id).IncTo(plugin.Usage.Calls);
            errors.WithLabels(plugin.Id).IncTo(plugin.Usage.Errors);
            seconds.WithLabels(plugin.Id).IncTo(plugin.Usage.Time.TotalSeconds);
            allocated.WithLabels(plugin.Id).IncTo(plugin.Usage.Allocated);
            rejections.WithLabels(plugin.Id).IncTo(plugin.Usage.Rejections);
            Set(plugin, leftOut.GetValueOrDefault(plugin.Id));
        }

        _services.Read(plugins);
    }

    private void Set(LoadedPlugin plugin, int leftOut)
    {
        var (contributions, bytes) = plugin.Memo.Current;
        _contributions.WithLabels(plugin.Id).Set(contributions);
        _bytes.WithLabels(plugin.Id).Set(bytes);
        _quarantined.WithLabels(plugin.Id).Set(leftOut);
        var rollout = _rollouts.All.FirstOrDefault(rollout => string.Equals(rollout.Id, plugin.Id, StringComparison.Ordinal));
        _step.WithLabels(plugin.Id).Set(rollout is { IsHalted: false } running ? running.Step + 1 : 0);
        _takenBack.WithLabels(plugin.Id).Set(rollout is { IsHalted: true } ? 1 : 0);
    }

    private void Forget(string plugin)
    {
        foreach (var counter in _all)
        {
            counter.RemoveLabelled(plugin);
        }

        foreach (var gauge in new[] { _contributions, _bytes, _quarantined, _step, _takenBack })
        {
            gauge.RemoveLabelled(plugin);
        }
    }
}
