using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Compiler.Contributions;
using OsmExt.ControlPlane.Rejections;
using OsmExt.Sdk.Plugins;

namespace OsmExt.ControlPlane.Tests.Rejections;

public sealed class BlameSearchTests
{
    /// <summary>Whoever is guilty of up to ten, in every combination, is found, nobody else is, and the search ends.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(10)]
    public void Just_the_guilty_are_found(int count)
    {
        var all = Items("open", count);
        foreach (var guilty in Enumerable.Range(1, (1 << count) - 1).Select(bits => all.Where((_, index) => (bits & (1 << index)) != 0).ToHashSet()))
        {
            var (found, steps) = Run(new(all, []), guilty);

            Assert.Equal(guilty, found.ToHashSet());
            Assert.InRange(steps, 1, (2 * count) + 1);
        }
    }

    [Fact]
    public void One_guilty_is_found_without_anybody_else_ever_being_left_out_of_what_is_taken()
    {
        var all = Items("open", 5);
        var search = new BlameSearch(all, []);
        while (search.Answered(refused: !search.LeftOut.Contains(all[3])) is { Next: { } next })
        {
            search = next;
        }

        Assert.Equal(all[3], Assert.Single(search.LeftOut));
    }

    [Fact]
    public void What_may_not_be_left_out_is_to_blame_together_when_nothing_else_is()
    {
        var (open, closed) = (Items("open", 2), Items("closed", 2));

        Assert.Equal(closed.ToHashSet(), Run(new(open, closed), [closed[0]]).Guilty.ToHashSet());
        Assert.Equal(open[1], Assert.Single(Run(new(open, closed), [open[1]]).Guilty));
    }

    [Fact]
    public void When_leaving_out_all_of_them_does_not_help_nobody_is_to_blame()
        => Assert.Empty(Run(new(Items("open", 3), []), Items("mesh", 1)).Guilty);

    private static (ImmutableArray<PlacedContribution> Guilty, int Steps) Run(BlameSearch search, IReadOnlyCollection<PlacedContribution> guilty)
    {
        for (var steps = 1; ; steps++)
        {
            var answer = search.Answered(refused: guilty.Any(item => !search.LeftOut.Contains(item)));
            if (answer.Next is null)
            {
                return (answer.Guilty, steps);
            }

            search = answer.Next;
        }
    }

    private static ImmutableArray<PlacedContribution> Items(string plugin, int count) => [.. Enumerable.Range(0, count)
        .Select(number => new PlacedContribution(plugin, new($"slot-{number}", ContributionPoint.HttpFilter, Direction.Inbound), number, ContributionTarget.Mesh, new Any(), null))];
}
