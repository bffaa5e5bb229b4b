using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Tests.Translation;

public sealed class ServiceMemoTests
{
    /// <summary>Whatever is asked for in whatever order, a value is made once for an input, and forgotten when a round does not ask for it.</summary>
    [Fact]
    public void A_value_is_made_when_it_is_new_or_its_input_is_and_forgotten_when_nobody_asks()
    {
        var all = Enumerable.Range(0, 40).Select(number => new MeshService(new("shop", $"s{number}"), 80, 8080, AppProtocol.Http)).ToArray();
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var memo = new ServiceMemo<string>();
            var model = new Dictionary<MeshService, string>(ReferenceEqualityComparer.Instance);
            var order = all.ToArray();
            for (var round = 0; round < 12; round++)
            {
                if (random.Next(4) == 0)
                {
                    random.Shuffle(order);
                }

                // The compiler hands out another object for a service that changed.
                for (var changed = random.Next(4) == 0 ? 0 : random.Next(4); changed > 0; changed--)
                {
                    var at = random.Next(order.Length);
                    order[at] = order[at] with { TargetPort = order[at].TargetPort + 1 };
                }

                var kept = random.Next(1, 5);
                var asked = order.Where(_ => random.Next(4) < kept).ToArray();
                memo.Begin();
                foreach (var service in asked)
                {
                    var input = $"{random.Next(8) / 7}";
                    var made = false;
                    var value = memo.Get(service, input, (of, from, _) =>
                    {
                        made = true;
                        return $"{of.Name.Name} of {from} in {round}";
                    });

                    var known = model.GetValueOrDefault(service);
                    Assert.Equal(known is null || !known.Contains($" of {input} ", StringComparison.Ordinal), made);
                    Assert.Equal(made ? $"{service.Name.Name} of {input} in {round}" : known, value);
                    model[service] = value;
                }

                var gone = model.Keys.Except(asked, ReferenceEqualityComparer.Instance).Cast<MeshService>().ToArray();
                Assert.Equal(gone.Select(service => model[service]).Order(StringComparer.Ordinal), memo.End().Order(StringComparer.Ordinal));
                Array.ForEach(gone, service => model.Remove(service));
                Assert.Equal(model.Count, memo.Count);
                Assert.Equal(asked.Select(service => model[service]), memo.Values);
            }
        }
    }

    [Fact]
    public void What_was_replaced_is_found_for_its_input()
    {
        var service = new MeshService(new("shop", "web"), 80, 8080, AppProtocol.Http);
        var memo = new ServiceMemo<string>();
        memo.Begin();
        memo.Get(service, "a", (_, _, _) => "made");
        memo.End();

        memo.Set(service, "b", "replaced");
        memo.Begin();

        Assert.Equal("replaced", memo.Get(service, "b", (_, _, _) => throw new InvalidOperationException("It is known.")));
    }
}
