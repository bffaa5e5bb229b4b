using OsmExt.PluginHost.Loading;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Services;

/// <summary>The services of one version of a plugin. They run from when the version is put in force until it is disposed of.</summary>
internal sealed class PluginServices
{
    private readonly ObjectFeed _feed = new();
    private readonly PluginManifest _manifest;
    private readonly PublishedValues _values;
    private Task? _stopped;

    /// <param name="manifest">The plugin's.</param>
    /// <param name="code">Its code.</param>
    /// <param name="before">What is known already.</param>
    /// <param name="time">The time.</param>
    public PluginServices(PluginManifest manifest, PluginAssembly? code, PublishedValues before, TimeProvider time)
    {
        (_manifest, _values) = (manifest, before);
        All = [.. manifest.Services.Select(service => new ServiceRun(manifest.Id, service, () => code?.Find(service.Type), before, _feed, time))];
    }

    public IReadOnlyList<ServiceRun> All { get; }

    /// <summary>What the plugin's code is given of what they have found out.</summary>
    public EquatableArray<PublishedValue> Published => _values.Of(_manifest);

    /// <summary>For the next version.</summary>
    public PublishedValues Values => _values;

    public bool IsRunning => All.Any(run => run.IsRunning);

    public void Start(PluginServices? before, ServiceEvents events)
    {
        foreach (var run in All)
        {
            run.Start(before?._stopped ?? Task.CompletedTask, events);
        }
    }

    /// <summary>Tells them what the plugin's objects are.</summary>
    public void Offer(EquatableArray<PluginResource> resources) => _feed.Offer(resources);

    /// <summary>Ends when all of them have ended, or are left behind.</summary>
    public Task StopAsync() => _stopped ??= Task.WhenAll(All.Where(run => run.IsRunning).Select(run => run.StopAsync()));
}
