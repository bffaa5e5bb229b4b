using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Tests.Protocol;

public sealed class NameSetTests
{
    [Fact]
    public void It_is_a_set_whatever_happens_to_it()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var set = new NameSet();
            var model = new HashSet<string>(StringComparer.Ordinal);
            for (var step = 0; step < 60; step++)
            {
                var name = $"n{random.Next(4)}";
                switch (random.Next(12))
                {
                    case < 5:
                        Assert.Equal(model.Add(name), set.Add(name));
                        break;
                    case < 10:
                        Assert.Equal(model.Remove(name), set.Remove(name));
                        break;
                    case 10:
                        Assert.Equal(model.RemoveWhere(other => string.CompareOrdinal(other, name) > 0), set.RemoveWhere(other => string.CompareOrdinal(other, name) > 0));
                        break;
                    default:
                        set.Clear();
                        model.Clear();
                        break;
                }

                Assert.Equal(model.Count, set.Count);
                Assert.Equal(model.Order(StringComparer.Ordinal), set.Order(StringComparer.Ordinal));
                Assert.Equal(model.Contains(name), set.Contains(name));
            }
        }
    }
}
