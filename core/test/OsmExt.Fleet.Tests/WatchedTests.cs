using System.Text;
using OsmExt.Fleet.Proxies;

namespace OsmExt.Fleet.Tests;

/// <summary>A name is visible to a proxy when the last type of resource that has it has come for the first time.</summary>
public class WatchedTests
{
    private readonly Watched _watched = new("svc-00031");

    [Fact]
    public void What_is_sent_again_does_not_count()
    {
        Look("a", "clusters", "svc-00031", 3);
        Look("a", "routes", "svc-00030 svc-00031", 5);
        Look("a", "clusters", "svc-00031", 7);
        Look("a", "routes", "svc-00031", 9);
        Assert.Equal([5], _watched.CompleteAt);
    }

    [Fact]
    public void Who_is_sent_others_only_has_not_seen_it()
    {
        Look("a", "clusters", "svc-00030", 3);
        Assert.Empty(_watched.CompleteAt);
        Look("b", "clusters", "svc-00031", 4);
        Look("c", "clusters", "svc-00031", 6);
        Assert.Equal([4, 6], _watched.CompleteAt.Order());
    }

    private void Look(string proxy, string type, string response, long at) => _watched.Look(proxy, type, Encoding.UTF8.GetBytes(response), at);
}
