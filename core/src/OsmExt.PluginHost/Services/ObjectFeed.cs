using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Services;

/// <summary>A plugin's objects as they change, for its services. Whoever is late finds the newest.</summary>
internal sealed class ObjectFeed
{
    private volatile Moment _now = new(new(0, []));

    public ServiceObjects Now => _now.Objects;

    /// <summary>Used by one thread.</summary>
    public void Offer(EquatableArray<PluginResource> resources)
    {
        var before = _now;
        if (before.Objects.Revision > 0 && before.Objects.Resources == resources)
        {
            return;
        }

        _now = new(new(before.Objects.Revision + 1, resources));
        before.Over.TrySetResult();
    }

    public async Task<ServiceObjects> NextAsync(ServiceObjects known, CancellationToken cancellation)
    {
        while (true)
        {
            var now = _now;
            if (now.Objects.Revision != known.Revision)
            {
                return now.Objects;
            }

            await now.Over.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private sealed record Moment(ServiceObjects Objects)
    {
        // Whoever offers objects never runs the code of whoever waits for them.
        public TaskCompletionSource Over { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
