using OsmExt.Sdk.Identity;

namespace OsmExt.Sdk.Tests.Identity;

public class IdentityTests
{
    private const string Uuid = "5ae1d1b5-9c6f-4c1e-8f6d-0f0a3a9b2c11";
    private static readonly WorkloadIdentity Workload = new("cluster.local", "shop", "book.store");

    [Fact]
    public void A_workload_is_read_back_from_its_id()
    {
        Assert.Equal("spiffe://cluster.local/book.store/shop", Workload.SpiffeId);
        Assert.True(WorkloadIdentity.TryParse(Workload.SpiffeId, out var read));
        Assert.Equal(Workload, read);
    }

    [Fact]
    public void A_proxy_is_read_back_from_its_id()
    {
        var proxy = new ProxyIdentity(new Guid(Uuid), Workload);

        Assert.Equal($"{Uuid}.sidecar.book.store.shop.cluster.local", proxy.NodeId);
        Assert.True(ProxyIdentity.TryParse(proxy.SpiffeId, out var read));
        Assert.Equal(proxy, read);
    }

    // Whoever holds a workload's certificate must not pass for a proxy, nor the other way round.
    [Fact]
    public void Neither_passes_for_the_other()
    {
        Assert.False(ProxyIdentity.TryParse(Workload.SpiffeId, out _));
        Assert.False(WorkloadIdentity.TryParse(new ProxyIdentity(new Guid(Uuid), Workload).SpiffeId, out _));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("cluster.local/account/ns")]
    [InlineData("SPIFFE://cluster.local/account/ns")]
    [InlineData("https://cluster.local/account/ns")]
    [InlineData("spiffe://cluster.local/account")]
    [InlineData("spiffe://cluster.local//ns")]
    [InlineData("spiffe:///account/ns")]
    [InlineData("spiffe://cluster.local/account/ns/")]
    [InlineData("spiffe://cluster.local/account/ns/more")]
    public void What_is_no_workloads_id_is_not_read(string? text)
        => Assert.False(WorkloadIdentity.TryParse(text, out _));

    [Theory]
    [InlineData("spiffe://cluster.local/5ae1d1b59c6f4c1e8f6d0f0a3a9b2c11/sidecar/account/ns")]
    [InlineData("spiffe://cluster.local/" + Uuid + "/gateway/account/ns")]
    [InlineData("spiffe://cluster.local/" + Uuid + "/sidecar//ns")]
    [InlineData("spiffe://cluster.local/" + Uuid + "/sidecar/account/ns/more")]
    [InlineData("spiffe://cluster.local/{" + Uuid + "}/sidecar/account/ns")]
    public void What_is_no_proxys_id_is_not_read(string text)
        => Assert.False(ProxyIdentity.TryParse(text, out _));

    [Fact]
    public void Workloads_are_ordered_by_namespace_first()
    {
        WorkloadIdentity[] ordered = [new("b.example", "a", "z"), new("c.example", "a", "z"), new("a.example", "b", "a")];

        Assert.Equal(ordered, ordered.Reverse().Order());
    }
}
