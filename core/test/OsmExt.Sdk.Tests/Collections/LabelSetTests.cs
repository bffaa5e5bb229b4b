using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Tests.Collections;

public class LabelSetTests
{
    [Fact]
    public void Order_does_not_count_and_of_two_values_the_last_does()
    {
        LabelSet one = [new("app", "web"), new("tier", "front")];
        LabelSet other = [new("tier", "front"), new("app", "api"), new("app", "web")];

        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.Equal("app=web,tier=front", other.ToString());
        Assert.NotEqual(one, [new("app", "web")]);
    }

    [Fact]
    public void A_selector_selects_what_has_all_its_pairs()
    {
        LabelSet selector = [new("app", "web"), new("tier", "front")];

        Assert.True(selector.Selects([new("app", "web"), new("tier", "front"), new("extra", "x")]));
        Assert.False(selector.Selects([new("app", "web")]));
        Assert.False(selector.Selects([new("app", "web"), new("tier", "Front")]));
    }

    [Fact]
    public void An_empty_selector_selects_nothing()
        => Assert.False(LabelSet.Empty.Selects([new("app", "web")]));

    [Fact]
    public void No_dictionary_is_no_labels()
        => Assert.Same(LabelSet.Empty, LabelSet.From(null));
}
