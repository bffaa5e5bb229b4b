using Envoy.Config.Bootstrap.V3;
using OsmExt.Compiler;
using OsmExt.PluginHost;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Local;

/// <summary>What plugins add to what sidecars of a local mesh start with, as plugins and manifests are at that moment.</summary>
/// <param name="options">The mesh.</param>
/// <param name="snapshot">Its objects, as far as plugins' kinds are read.</param>
/// <param name="time">The time.</param>
internal sealed class LocalBootstraps(LocalUpOptions options, Func<PluginSet, ResourceSnapshot> snapshot, TimeProvider time)
{
    private static readonly ContributionPoint[] Points = [ContributionPoint.Bootstrap, ContributionPoint.StatsTag];

    /// <summary>What is added for a pod's sidecar.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="capabilities">What its sidecar can do.</param>
    /// <exception cref="InvalidOperationException">A plugin that the pod cannot do without has failed.</exception>
    public Bootstrap Of(ResourceKey pod, ProxyCapabilities capabilities)
    {
        if (options.Plugins is not { } directory)
        {
            return new();
        }

        var plugins = PluginSet.Load(directory, options.PluginPolicy, time);
        try
        {
            return plugins.Plugins.Any(plugin => plugin.Manifest.Slots.Any(slot => Points.Contains(slot.Point))) ? Added(pod, capabilities, plugins) : new();
        }
        finally
        {
            plugins.DisposeExcept(PluginSet.Empty);
        }
    }

    private Bootstrap Added(ResourceKey pod, ProxyCapabilities capabilities, PluginSet plugins)
    {
        var mesh = OfflineMesh.Compile(snapshot(plugins), options.Compiler, plugins.Contribute);
        if (mesh.Proxies.Find(pod) is not { } proxy)
        {
            return new();
        }

        var (added, contributions) = mesh.BootstrapOf(proxy, capabilities);
        return contributions.Held is { } reason ? throw new InvalidOperationException($"The sidecar of {pod} cannot be started, since {reason}.") : added.Message;
    }
}
