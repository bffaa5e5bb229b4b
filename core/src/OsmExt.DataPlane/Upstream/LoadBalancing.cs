using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using Envoy.Config.Cluster.V3;

namespace OsmExt.DataPlane.Upstream;

/// <summary>Chooses one of several endpoints that may all be used.</summary>
internal interface ILoadBalancer
{
    UpstreamHost Choose(ImmutableArray<UpstreamHost> hosts, ulong? hash, Chance random);
}

/// <summary>The ways a cluster can ask for.</summary>
internal static class LoadBalancing
{
    public static ILoadBalancer Of(Cluster cluster) => cluster.LbPolicy switch
    {
        Cluster.Types.LbPolicy.LeastRequest => new LeastRequest((int)(cluster.LeastRequestLbConfig?.ChoiceCount ?? 2)),
        Cluster.Types.LbPolicy.RingHash => new RingHash(cluster.RingHashLbConfig?.MinimumRingSize ?? 1024),
        Cluster.Types.LbPolicy.Random => new Drawn(),
        _ => new RoundRobin(),
    };

    /// <summary>A hash that spreads well and is the same in every process.</summary>
    public static ulong Hash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ value) * 1099511628211UL;
        }

        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccdUL;
        hash ^= hash >> 33;
        hash *= 0xc4ceb9fe1a85ec53UL;
        return hash ^ (hash >> 33);
    }

    private static UpstreamHost Weighted(ImmutableArray<UpstreamHost> hosts, double drawn)
    {
        var at = drawn * hosts.Sum(host => (double)host.Facts.Weight);
        foreach (var host in hosts)
        {
            at -= host.Facts.Weight;
            if (at < 0)
            {
                return host;
            }
        }

        return hosts[^1];
    }

    private static bool Uniform(ImmutableArray<UpstreamHost> hosts)
    {
        for (var index = 1; index < hosts.Length; index++)
        {
            if (hosts[index].Facts.Weight != hosts[0].Facts.Weight)
            {
                return false;
            }
        }

        return true;
    }

    private sealed class Drawn : ILoadBalancer
    {
        public UpstreamHost Choose(ImmutableArray<UpstreamHost> hosts, ulong? hash, Chance random) => Weighted(hosts, random.NextDouble());
    }

    // With different weights, whoever is owed most is next, which spreads turns evenly.
    private sealed class RoundRobin : ILoadBalancer
    {
        private readonly ConditionalWeakTable<UpstreamHost, StrongBox<double>> _owed = [];
        private uint _next;

        public UpstreamHost Choose(ImmutableArray<UpstreamHost> hosts, ulong? hash, Chance random)
        {
            if (Uniform(hosts))
            {
                return hosts[(int)(Interlocked.Increment(ref _next) % (uint)hosts.Length)];
            }

            lock (_owed)
            {
                var total = 0.0;
                UpstreamHost? best = null;
                StrongBox<double>? most = null;
                foreach (var host in hosts)
                {
                    var owed = _owed.GetOrCreateValue(host);
                    owed.Value += host.Facts.Weight;
                    total += host.Facts.Weight;
                    if (most is null || owed.Value > most.Value)
                    {
                        (best, most) = (host, owed);
                    }
                }

                most!.Value -= total;
                return best!;
            }
        }
    }

    private sealed class LeastRequest(int choices) : ILoadBalancer
    {
        public UpstreamHost Choose(ImmutableArray<UpstreamHost> hosts, ulong? hash, Chance random)
        {
            var uniform = Uniform(hosts);
            UpstreamHost? best = null;
            for (var choice = 0; choice < Math.Max(2, choices); choice++)
            {
                var candidate = uniform ? hosts[random.Next(hosts.Length)] : Weighted(hosts, random.NextDouble());
                if (best is null || candidate.ActiveRequests < best.ActiveRequests)
                {
                    best = candidate;
                }
            }

            return best!;
        }
    }

    private sealed class RingHash(ulong least) : ILoadBalancer
    {
        public UpstreamHost Choose(ImmutableArray<UpstreamHost> hosts, ulong? hash, Chance random)
        {
            var points = Ring(hosts);
            var wanted = hash ?? (ulong)random.NextInt64();
            var (low, high) = (0, points.Length);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = points[middle].At < wanted ? (middle + 1, high) : (low, middle);
            }

            return points[low == points.Length ? 0 : low].Host;
        }

        private (ulong At, UpstreamHost Host)[] Ring(ImmutableArray<UpstreamHost> hosts)
        {
            if (Volatile.Read(ref _built) is { } ring && ring.Hosts.SequenceEqual(hosts))
            {
                return ring.Points;
            }

            var total = hosts.Sum(host => (double)host.Facts.Weight);
            var points = hosts.SelectMany(host => Enumerable.Range(0, Math.Max(1, (int)Math.Ceiling(least * host.Facts.Weight / total)))
                .Select(index => (At: Hash($"{host.Name}_{index}"), host))).OrderBy(point => point.At).ToArray();
            Volatile.Write(ref _built, new(hosts, points));
            return points;
        }

        private Built? _built;

        private sealed record Built(ImmutableArray<UpstreamHost> Hosts, (ulong At, UpstreamHost Host)[] Points);
    }
}
