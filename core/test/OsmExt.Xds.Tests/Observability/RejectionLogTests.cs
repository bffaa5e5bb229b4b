using OsmExt.Envoy;
using OsmExt.Xds.Observability;

namespace OsmExt.Xds.Tests.Observability;

public sealed class RejectionLogTests
{
    private readonly RejectionLog _log = new();

    [Fact]
    public void Rejections_outlive_the_streams_of_a_proxy()
    {
        Record("a", "r1");
        _log.Open("a");
        _log.Close("a");
        _log.Close("a");
        Assert.Equal(["r1"], _log.All.Select(r => r.Name));
        Assert.Equal(["r1"], _log.Open("a").Recall(TypeUrls.Route).Select(r => r.Name));
    }

    [Fact]
    public void Of_absent_proxies_the_longest_absent_are_forgotten_first()
    {
        for (var i = 0; i < 1_100; i++)
        {
            Record($"p{i:D4}", "r");
            if (i > 0)
            {
                _log.Close($"p{i:D4}");
            }
        }

        Assert.Equal(1_025, _log.All.Count);
        Assert.Contains(_log.All, r => r.ProxyId == "p0000");
        Assert.DoesNotContain(_log.All, r => r.ProxyId == "p0001");
        Assert.Contains(_log.All, r => r.ProxyId == "p1099");
    }

    [Fact]
    public void A_proxy_without_rejections_leaves_nothing_behind()
    {
        var first = _log.Open("a");
        _log.Close("a");
        Assert.NotSame(first, _log.Open("a"));
    }

    private void Record(string proxy, string name)
        => _log.Open(proxy).Record(new(proxy, TypeUrls.Route, name, "v", "no", DateTimeOffset.UnixEpoch, []));
}
