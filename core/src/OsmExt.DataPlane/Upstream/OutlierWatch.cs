using System.Collections.Immutable;
using Envoy.Config.Cluster.V3;

namespace OsmExt.DataPlane.Upstream;

/// <summary>Ejects endpoints that fail again and again, and lets them back in after a while.</summary>
internal sealed class OutlierWatch : IDisposable
{
    private readonly OutlierDetection _rules;
    private readonly Func<ImmutableArray<UpstreamHost>> _hosts;
    private readonly TrafficOptions _options;
    private readonly ITimer _review;

    public OutlierWatch(OutlierDetection rules, Func<ImmutableArray<UpstreamHost>> hosts, TrafficOptions options)
    {
        (_rules, _hosts, _options) = (rules, hosts, options);
        var every = rules.Interval?.ToTimeSpan() ?? TimeSpan.FromSeconds(10);
        _review = options.Time.CreateTimer(_ => Review(), null, every, every);
    }

    public void Count(UpstreamHost host, int status, bool local)
    {
        if (host.Outliers.Count(_rules, status, local, _options.Chance) && MayEject())
        {
            host.Outliers.Eject(_options.Time.GetUtcNow(), _rules);
        }
    }

    public void Dispose() => _review.Dispose();

    // One may always be ejected, however small the part of them that may.
    private bool MayEject()
    {
        var hosts = _hosts();
        var ejected = hosts.Count(host => host.Outliers.IsEjected);
        return ejected == 0 ? hosts.Length > 0 : (ejected + 1) * 100 <= hosts.Length * (_rules.MaxEjectionPercent ?? 10);
    }

    private void Review()
    {
        foreach (var host in _hosts())
        {
            host.Outliers.Review(_options.Time.GetUtcNow());
        }
    }
}
