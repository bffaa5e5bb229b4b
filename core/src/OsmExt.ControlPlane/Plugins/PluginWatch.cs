using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OsmExt.ControlPlane.Options;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.PluginHost;
using OsmExt.PluginHost.Loading;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;

namespace OsmExt.ControlPlane.Plugins;

/// <summary>
/// Keeps the plugins in step with their directory. It looks at names, links, lengths and times of writing, again and again, so
/// that renames and the exchanged links of a mounted ConfigMap count like any other change.
/// </summary>
internal sealed partial class PluginWatch(
    PluginsInForce plugins, PluginTrial trial, PluginRollouts rollouts, RolloutRecords records, PluginServiceRelay services, MeshPipeline pipeline, ScopePublisher scopes, IOptions<ControlPlaneOptions> options, TimeProvider time, ILogger<PluginWatch> logger)
    : BackgroundService
{
    private PluginStamp _loaded = PluginStamp.None;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Plugins is { } directory)
        {
            _loaded = PluginStamp.Of(directory, options.Value.PluginPolicy);
            var loaded = PluginSet.Load(directory, options.Value.PluginPolicy, time);
            plugins.Current = rollouts.Resume(loaded, records.Load(loaded.Policy));
            Report(plugins.Current);
            plugins.Current.StartServices(PluginSet.Empty, services.Events);
        }

        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        await plugins.Current.StopServicesAsync().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Plugins is not { } directory)
        {
            return;
        }

        var (seen, reloaded) = (_loaded, time.GetTimestamp());
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(options.Value.PluginScanInterval, time, stoppingToken).ConfigureAwait(false);
                var now = PluginStamp.Of(directory, options.Value.PluginPolicy);
                if (!now.Equals(_loaded) && now.Equals(seen))
                {
                    await ReloadAsync(directory, stoppingToken).ConfigureAwait(false);
                    (_loaded, reloaded) = (now, time.GetTimestamp());
                }
                else if (time.GetElapsedTime(reloaded) < TimeSpan.FromSeconds(10))
                {
                    SerializerCache.Evict();
                }

                reloaded = await TurnRolloutsAsync(stoppingToken).ConfigureAwait(false) ? time.GetTimestamp() : reloaded;
                seen = now;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Log.NotReloaded(logger, failure);
            }
        }
    }

    // Whether other plugins are in force now, and some may have gone.
    private async Task<bool> TurnRolloutsAsync(CancellationToken cancellationToken)
    {
        var before = plugins.Current;
        if (rollouts.IsRunning)
        {
            await pipeline.TurnRolloutsAsync(rollouts, cancellationToken).ConfigureAwait(false);
        }

        plugins.Current.StartServices(before, services.Events);
        records.Save(rollouts.All);
        return !ReferenceEquals(before, plugins.Current);
    }

    private async Task ReloadAsync(string directory, CancellationToken cancellationToken)
    {
        var inForce = plugins.Current;
        var before = rollouts.Newest(inForce);
        var next = PluginSet.Load(directory, options.Value.PluginPolicy, time, before);
        var (state, live) = await pipeline.AskAsync(state => (state, (IReadOnlyList<ProxyScope>)[.. scopes.Scopes]), cancellationToken).ConfigureAwait(false);
        next = rollouts.Begin(trial.Run(next, before, state, live), inForce);
        await pipeline.AdoptAsync(next, cancellationToken).ConfigureAwait(false);
        next.StartServices(inForce, services.Events);
        Report(next);
    }

    private void Report(PluginSet set)
    {
        Log.InForce(logger, string.Join(", ", set.Plugins.Select(plugin => $"{plugin.Id} {plugin.Manifest.Version}")));
        foreach (var finding in set.Diagnostics.Where(finding => finding.Severity == Severity.Error))
        {
            Log.Finding(logger, finding);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5040, LogLevel.Information, "Plugins in force: {Plugins}")]
        public static partial void InForce(ILogger logger, string plugins);

        [LoggerMessage(5041, LogLevel.Warning, "{Finding}")]
        public static partial void Finding(ILogger logger, Diagnostic finding);

        [LoggerMessage(5042, LogLevel.Error, "The plugins could not be loaded anew; the ones before stay in force")]
        public static partial void NotReloaded(ILogger logger, Exception failure);
    }
}
