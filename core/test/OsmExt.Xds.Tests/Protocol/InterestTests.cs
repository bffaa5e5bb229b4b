using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Tests.Protocol;

public sealed class InterestTests
{
    /// <summary>Requests one after another, and what the subscription is after each. The protocol documentation's own examples come first.</summary>
    [Theory]
    [InlineData("", "*", "* A", "* A", "A", "A", "", "nothing")]
    [InlineData("", "*", "", "*", "A B", "A B", "B", "B")]
    [InlineData("A", "A", "", "nothing", "", "nothing", "*", "*")]
    [InlineData("*", "*", "", "nothing", "", "nothing")]
    [InlineData("* A", "* A", "A", "A")]
    [InlineData("A A B", "A B", "A", "A")]
    public void State_of_the_world_requests_replace_the_subscription(params string[] script)
    {
        var interest = new Interest();
        for (var i = 0; i < script.Length; i += 2)
        {
            interest.Replace(Split(script[i]), first: i == 0);
            Assert.Equal(script[i + 1], Print(interest));
        }
    }

    /// <summary>Requests with +names and -names.</summary>
    [Theory]
    [InlineData("", "*", "+A", "* A", "-*", "A", "-A", "nothing", "", "nothing")]
    [InlineData("+*", "*", "+A", "* A", "-A", "*", "-*", "nothing")]
    [InlineData("+A +B", "A B", "-B -C", "A", "", "A")]
    [InlineData("-A", "nothing", "", "nothing")]
    [InlineData("+A -A", "nothing", "", "nothing")]
    [InlineData("+A +*", "* A", "-*", "A")]
    public void Delta_requests_change_the_subscription(params string[] script)
    {
        var interest = new Interest();
        for (var i = 0; i < script.Length; i += 2)
        {
            Delta(interest, script[i], first: i == 0);
            Assert.Equal(script[i + 1], Print(interest));
        }
    }

    [Fact]
    public void Saying_the_wildcard_that_was_implied_asks_for_nothing_but_saying_it_again_does()
    {
        var interest = new Interest();
        Assert.True(Delta(interest, "", first: true).WildcardAsked);
        Assert.False(Delta(interest, "+* +A", first: false).WildcardAsked);
        Assert.True(Delta(interest, "+*", first: false).WildcardAsked);
    }

    [Fact]
    public void A_name_subscribed_again_is_asked_again_in_delta_but_not_in_the_state_of_the_world()
    {
        var delta = new Interest();
        Delta(delta, "+A", first: true);
        Assert.Equal(["A"], Delta(delta, "+A", first: false).Asked);

        var sotw = new Interest();
        sotw.Replace(["A"], first: true);
        Assert.True(sotw.Replace(["A"], first: false).IsEmpty);
        Assert.Equal(["B"], sotw.Replace(["A", "B"], first: false).Asked);
    }

    [Fact]
    public void Characters_follow_the_names()
    {
        var interest = new Interest();
        Delta(interest, "+abc +de +abc", first: true);
        Assert.Equal(5, interest.Characters);
        Delta(interest, "-abc -zzz", first: false);
        Assert.Equal(2, interest.Characters);
    }

    private static InterestChange Delta(Interest interest, string request, bool first) => interest.Update(
        [.. Split(request).Where(t => t[0] == '+').Select(t => t[1..])], [.. Split(request).Where(t => t[0] == '-').Select(t => t[1..])], first);

    private static string[] Split(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Print(Interest interest)
    {
        var parts = interest.Names.Order(StringComparer.Ordinal);
        var text = string.Join(' ', interest.Wildcard ? parts.Prepend("*") : parts);
        return text.Length == 0 ? "nothing" : text;
    }
}
