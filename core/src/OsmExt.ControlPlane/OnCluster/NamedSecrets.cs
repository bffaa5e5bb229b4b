using OsmExt.ControlPlane.Pipeline;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>The Secrets that what plugins contribute names, for the proxies there are. Only these are read from a cluster.</summary>
internal sealed class NamedSecrets(Func<MeshPipeline> pipeline, Func<ScopePublisher> scopes)
{
    private volatile IReadOnlyCollection<ResourceKey> _known = [];
    private int _isAsked;

    /// <summary>As of a moment ago; asks anew.</summary>
    public IReadOnlyCollection<ResourceKey> Current()
    {
        if (Interlocked.Exchange(ref _isAsked, 1) == 0)
        {
            pipeline().Post(state =>
            {
                _isAsked = 0;
                _known = scopes().Live.Select(live => state.Contributions.For(live.Scope)).SelectMany(found => found.All.Concat(found.LeftOut.Select(left => left.Item)))
                    .SelectMany(item => item.References).Select(reference => new ResourceKey(nameof(Secret), reference.Namespace, reference.Name)).ToHashSet();
            });
        }

        return _known;
    }
}
