using System.Collections.Immutable;
using Envoy.Config.Cluster.V3;

namespace OsmExt.DataPlane.Upstream;

/// <summary>A cluster's endpoints as they are now, by priority, and the choice among them.</summary>
internal sealed class HostSet
{
    // How much more than its share a priority is trusted to take before others help.
    private const double Overprovisioning = 1.4;
    private readonly ImmutableArray<ImmutableArray<UpstreamHost>> _byPriority;
    private readonly double _panicBelow;
    private readonly ILoadBalancer _balancer;

    public HostSet(Cluster cluster, ImmutableArray<UpstreamHost> all, ILoadBalancer balancer)
    {
        All = all;
        _balancer = balancer;
        _byPriority = [.. all.GroupBy(host => host.Facts.Priority).OrderBy(group => group.Key).Select(group => group.ToImmutableArray())];
        _panicBelow = (cluster.CommonLbConfig?.HealthyPanicThreshold?.Value ?? 50) / 100;
    }

    public ImmutableArray<UpstreamHost> All { get; }

    /// <summary>An endpoint for a request; null when there is none.</summary>
    /// <param name="hash">What keeps equal requests together; null for nothing.</param>
    /// <param name="random">Draws.</param>
    public UpstreamHost? Choose(ulong? hash, Chance random)
    {
        if (_byPriority.IsEmpty)
        {
            return null;
        }

        var hosts = Priority(random);
        var usable = AllUsable(hosts) ? hosts : [.. hosts.Where(host => host.IsUsable)];
        // Where too many are unhealthy, the fault is more likely in the checks, and all of them are used.
        var chosen = usable.Length < hosts.Length * _panicBelow ? hosts : usable;
        return chosen.IsEmpty ? null : _balancer.Choose(chosen, hash, random);
    }

    private ImmutableArray<UpstreamHost> Priority(Chance random)
    {
        if (_byPriority.Length == 1)
        {
            return _byPriority[0];
        }

        var able = _byPriority.Select(hosts => Math.Min(1, Overprovisioning * hosts.Count(host => host.IsUsable) / hosts.Length)).ToArray();
        var total = Math.Min(1, able.Sum());
        if (total <= 0)
        {
            return _byPriority[0];
        }

        var drawn = random.NextDouble() * total;
        for (var index = 0; index < able.Length; index++)
        {
            drawn -= able[index];
            if (drawn < 0)
            {
                return _byPriority[index];
            }
        }

        return _byPriority[^1];
    }

    private static bool AllUsable(ImmutableArray<UpstreamHost> hosts)
    {
        foreach (var host in hosts)
        {
            if (!host.IsUsable)
            {
                return false;
            }
        }

        return true;
    }
}
