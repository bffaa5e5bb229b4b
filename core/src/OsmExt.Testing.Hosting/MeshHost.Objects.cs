using OsmExt.ControlPlane.Pipeline;
using OsmExt.ControlPlane.Plugins;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.Hosting.Objects;

namespace OsmExt.Testing.Hosting;

/// <content>The mesh's objects.</content>
public sealed partial class MeshHost
{
    private readonly Cluster _cluster = new();
    private readonly WrittenObjects _texts;
    private readonly SemaphoreSlim _changing = new(1);
    private ResourceSnapshot _written = ResourceSnapshot.Empty;

    private PluginKinds Kinds => Get<LivePluginKinds>().Current();

    /// <summary>
    /// Adds objects, or replaces those with the same names. When it returns, every proxy has acknowledged what that changes for it, or refused
    /// it, and requests are decided by it.
    /// </summary>
    /// <param name="manifests">Kubernetes objects in YAML.</param>
    /// <exception cref="ArgumentException">They cannot be read as they are; the message names object, field and line.</exception>
    public Task ApplyAsync(params string[] manifests)
    {
        ArgumentNullException.ThrowIfNull(manifests);
        return ChangeAsync([.. manifests.SelectMany(text => _texts.OfText(Kinds, text))]);
    }

    /// <summary>The same with objects as values.</summary>
    /// <param name="objects">The objects.</param>
    public Task ApplyAsync(params Resource[] objects)
    {
        ArgumentNullException.ThrowIfNull(objects);
        return ChangeAsync([.. objects.Select(resource => new ResourceChange(resource.Key, resource))]);
    }

    /// <summary>The same with what directories or files say.</summary>
    /// <param name="paths">Directories or files of manifests.</param>
    /// <exception cref="ArgumentException">They cannot be read as they are; the message names object, field, file and line.</exception>
    public Task ApplyPathsAsync(params string[] paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return ChangeAsync([.. paths.SelectMany(path => WrittenObjects.OfPath(Kinds, path))]);
    }

    /// <summary>Removes an object, and waits as <see cref="ApplyAsync(string[])"/> does. Nothing happens when there is none.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="ns">Its namespace; empty for a Namespace.</param>
    /// <param name="name">Its name.</param>
    public Task DeleteAsync(string kind, string ns, string name) => ChangeAsync([new(new(kind, ns, name), null)]);

    /// <summary>Has exactly these objects, at once: adds, replaces and removes what differs, and waits as <see cref="ApplyAsync(string[])"/> does.</summary>
    /// <param name="manifests">Kubernetes objects in YAML.</param>
    /// <exception cref="ArgumentException">They cannot be read as they are; the message names object, field and line.</exception>
    public Task ReplaceAllAsync(params string[] manifests)
    {
        ArgumentNullException.ThrowIfNull(manifests);
        var changes = manifests.SelectMany(text => _texts.OfText(Kinds, text)).ToArray();
        var kept = changes.Select(change => change.Key).ToHashSet();
        return ChangeAsync([.. _written.AllObjects().Where(resource => !kept.Contains(resource.Key)).Select(resource => new ResourceChange(resource.Key, null)), .. changes]);
    }

    private Task BeginAsync(MeshHostOptions options) => ChangeAsync([
        .. options.Paths.SelectMany(path => WrittenObjects.OfPath(Kinds, path)),
        .. options.Manifests.SelectMany(text => _texts.OfText(Kinds, text)),
        .. options.Objects.Select(resource => new ResourceChange(resource.Key, resource)),
    ]);

    private async Task ChangeAsync(IReadOnlyList<ResourceChange> changes)
    {
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            var store = Get<ResourceStore>();
            _written = _written.Apply(new([.. changes], [], IsSynced: true, 0), out _);
            var (before, after) = (store.Snapshot, _cluster.Complete(_written));
            ResourceChange[] all =
            [
                .. before.AllObjects().Where(resource => !after.ContainsKey(resource.Key)).Select(resource => new ResourceChange(resource.Key, null)),
                .. after.Values.Select(resource => new ResourceChange(resource.Key, resource, _written.LocationOf(resource.Key))),
            ];
            store.Apply(new([.. all], [], IsSynced: true, _time.GetTimestamp()));
            await TurnAsync().ConfigureAwait(false);
            await FollowAsync().ConfigureAwait(false);
            await SettleAsync().ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    // Names and addresses, and which pods have sidecars.
    private async Task FollowAsync()
    {
        var state = State;
        _network.Update(state.Snapshot);
        var proxies = state.Proxies.All.ToDictionary(proxy => $"{proxy.Pod.Namespace}/{proxy.Pod.Name}", StringComparer.Ordinal);
        foreach (var name in _network.Pods.Select(pod => pod.Name).Union(proxies.Keys, StringComparer.Ordinal))
        {
            var (pod, identity) = (_network.Pod(name), proxies.GetValueOrDefault(name)?.Identity);
            await pod.Sidecar.WantAsync(identity, identity is null ? null : () => _launcher.StartAsync(pod, identity)).ConfigureAwait(false);
        }
    }
}
