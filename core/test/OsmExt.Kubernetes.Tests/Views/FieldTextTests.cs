using OsmExt.Kubernetes.Views;

namespace OsmExt.Kubernetes.Tests.Views;

public sealed class FieldTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("300ms", 300)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("2h45m", 9_900_000)]
    [InlineData("24h0m0s", 86_400_000)]
    [InlineData("1500us", 1.5)]
    [InlineData("1500µs", 1.5)]
    [InlineData("-1.5s", -1500)]
    [InlineData("+1s", 1000)]
    [InlineData(".5s", 500)]
    [InlineData("1000000ns", 1)]
    public void Go_durations_are_read(string text, double milliseconds)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("5")]
    [InlineData("1d")]
    [InlineData("1h 5m")]
    [InlineData("h")]
    [InlineData(".s")]
    [InlineData("1.2.3s")]
    [InlineData("1hm")]
    [InlineData("99999999999999999h")]
    [InlineData("9999999999999999999999999h")]
    public void What_Go_refuses_is_refused(string text) => Assert.False(GoDuration.TryParse(text, out _));

    [Theory]
    [InlineData("a", true, true)]
    [InlineData("a-1", true, true)]
    [InlineData("a.b", false, true)]
    [InlineData("0.0", false, true)]
    [InlineData("", false, false)]
    [InlineData("-a", false, false)]
    [InlineData("a-", false, false)]
    [InlineData("a..b", false, false)]
    [InlineData("a.-b", false, false)]
    [InlineData("A", false, false)]
    [InlineData("a_b", false, false)]
    [InlineData("é", false, false)]
    [InlineData("a\n", false, false)]
    public void Names_are_those_of_Kubernetes(string name, bool isLabel, bool isSubdomain)
    {
        Assert.Equal(isLabel, DnsName.IsLabel(name));
        Assert.Equal(isSubdomain, DnsName.IsSubdomain(name));
    }

    [Fact]
    public void Names_have_a_greatest_length()
    {
        Assert.True(DnsName.IsLabel(new string('a', 63)));
        Assert.False(DnsName.IsLabel(new string('a', 64)));
        Assert.True(DnsName.IsSubdomain(new string('a', 253)));
        Assert.False(DnsName.IsSubdomain(new string('a', 254)));
    }

    [Theory]
    [InlineData("spec", true)]
    [InlineData("spec.ports", true)]
    [InlineData("spec.ports[3].port", true)]
    [InlineData("spec.ports[3].nodePort", false)]
    [InlineData("spec.port", false)]
    [InlineData("spec.selector[a.b/c]", true)]
    [InlineData("metadata", true)]
    [InlineData("metadata.managedFields[0].time", false)]
    [InlineData("status", false)]
    public void A_fault_matters_where_the_mesh_reads_and_on_the_way_there(string path, bool matters)
        => Assert.Equal(matters, ServiceView.Reads.Touches(path));
}
