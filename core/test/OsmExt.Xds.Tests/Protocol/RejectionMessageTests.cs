using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Tests.Protocol;

public sealed class RejectionMessageTests
{
    [Theory]
    [InlineData("Error adding/updating cluster(s) pay: no such thing", "pay", true)]
    [InlineData("Error adding/updating cluster(s) payments: no such thing", "pay", false)]
    [InlineData("Error adding/updating cluster(s) pay-v2, pay: no such thing", "pay", true)]
    [InlineData("cluster 'shop/pay|8080|local' is bad", "shop/pay|8080|local", true)]
    [InlineData("cluster 'shop/pay|8080|local' is bad", "pay", false)]
    [InlineData("cluster pay.shop.svc is bad", "pay", false)]
    [InlineData("cluster pay.shop.svc is bad", "pay.shop", false)]
    [InlineData("there is something wrong with pay.", "pay", true)]
    [InlineData("pay: port 10.0.0.1:80 is taken", "10.0.0.1", false)]
    [InlineData("pay: port 10.0.0.1:80 is taken", "10.0.0.1:80", true)]
    [InlineData("pay", "pay", true)]
    [InlineData("", "pay", false)]
    [InlineData("anything", "", false)]
    public void A_resource_is_named_when_its_whole_name_stands_in_the_text(string message, string name, bool named)
        => Assert.Equal(named, RejectionMessage.Names(message, name));

    [Fact]
    public void Text_for_the_log_is_one_line_of_bearable_length()
    {
        var clean = RejectionMessage.Clean("bad\r\nfatal: forged line\u001b[31m" + new string('x', 10_000));
        Assert.StartsWith("bad  fatal: forged line [31m", clean, StringComparison.Ordinal);
        Assert.DoesNotContain(clean, char.IsControl);
        Assert.Equal(4096, clean.Length);
    }
}
