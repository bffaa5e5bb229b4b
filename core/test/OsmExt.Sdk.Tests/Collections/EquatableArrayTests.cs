using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Tests.Collections;

public class EquatableArrayTests
{
    [Fact]
    public void Records_that_hold_equal_lists_are_equal()
    {
        var one = new Holder(["a", "b"]);
        var other = new Holder(new List<string> { "a", "b" }.ToEquatableArray());

        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.NotEqual(one, new Holder(["b", "a"]));
        Assert.NotEqual(one, new Holder(["a"]));
    }

    [Fact]
    public void The_default_value_is_an_empty_list()
    {
        EquatableArray<int> empty = [];

        Assert.Equal(default, empty);
        Assert.True(empty.IsEmpty);
        Assert.Empty(default(EquatableArray<int>));
        Assert.Throws<ArgumentOutOfRangeException>(() => default(EquatableArray<int>)[0]);
    }

    [Fact]
    public void What_it_was_made_from_may_change_afterwards()
    {
        int[] source = [1, 2];
        var copied = source.ToEquatableArray();
        EquatableArray<int> created = EquatableArray.Create<int>(source);
        source[0] = 7;

        Assert.Equal([1, 2], copied);
        Assert.Equal([1, 2], created);
    }

    private sealed record Holder(EquatableArray<string> Items);
}
