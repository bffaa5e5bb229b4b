using CsCheck;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Tests.Protocol;

/// <summary>Random lives of a stream, judged at each response by <see cref="ReferenceClient"/>.</summary>
public sealed class ModelTests
{
    private const int Sequences = 7_500;
    private static readonly string[] Types = ["CDS", "EDS", "LDS", "RDS", "SDS"];
    private static readonly string[] Names = ["a", "b", "c", "d"];

    private static readonly Gen<Step[]> Lives = Gen.Select(Gen.Int[0, 15], Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[0, 31], (kind, type, name, bits) => new Step(kind, Types[type], Names[name], bits))
        .Array[5, 80];

    public static TheoryData<string> Variants => Wire.Variants;

    [Theory]
    [MemberData(nameof(Variants))]
    public void Whatever_a_client_and_the_mesh_do_the_protocol_holds_and_the_client_ends_with_what_there_is(string variant)
        => Lives.Sample(life => Live(variant, life), Amount.Of(Sequences), print: life => Story(variant, life));

    /// <summary>The failed life once more, told line by line.</summary>
    private static string Story(string variant, Step[] life)
    {
        var story = new List<string>();
        try
        {
            Live(variant, life, story.Add);
        }
        catch (Exception e)
        {
            story.Add(e.Message);
        }

        return string.Join('\n', story);
    }

    private static void Live(string variant, Step[] life, Action<string>? tell = null)
    {
        var delta = variant == "delta";
        var wire = Wire.Of(variant);
        wire.Tell = tell;
        var client = new ReferenceClient(delta);
        var nonces = new List<string> { "invented" };
        wire.Publish();

        // A real client asks for clusters and listeners first.
        Ask(wire, client, "CDS", []);
        // Once time has passed much may be overdue, and order cannot be judged any longer. So in every other life none does.
        var isTimeless = life[0].Bits % 2 == 0;
        foreach (var step in life.Where(step => step.Kind != 13 || !isTimeless))
        {
            Take(step, delta, wire, client, nonces);
        }

        if (wire.IsAway)
        {
            Reconnect(wire, client, restarted: false);
        }

        Settle(wire, client);
        client.JudgeEnd();
        Assert.Empty(wire.Sent());
        Assert.All(wire.State.Subscriptions, s => Assert.True(s.Pending.IsEmpty));
    }

    private static void Take(Step step, bool delta, Wire wire, ReferenceClient client, List<string> nonces)
    {
        var known = client[step.Type];
        if (wire.IsAway && step.Kind is > 3 and not 14)
        {
            return;
        }

        switch (step.Kind)
        {
            case <= 2:
                var resource = Some.Of(Wire.TypeUrl(step.Type), step.Name, 1 + (step.Bits % 3));
                client.Set(step.Type, step.Name, resource);
                wire.Change(resource);
                break;
            case 3:
                client.Set(step.Type, step.Name, null);
                wire.Remove(step.Type, step.Name);
                break;
            case <= 5:
                Ask(wire, client, step.Type, Chosen(step.Bits));
                break;
            case 6 when delta:
                var names = Chosen(step.Bits | 1);
                client.Unsubscribed(step.Type, names);
                wire.Unsubscribe(step.Type, names);
                break;
            case <= 8:
                Read(wire, client, nonces, 1 + (step.Bits % 3));
                break;
            case <= 10 when known.Unanswered is not null:
                client.Acked(step.Type);
                Assert.Equal(RequestCase.Ack, wire.Ack(step.Type));
                break;
            case 11 when known.Unanswered is { } unanswered:
                var culprit = step.Bits % 2 == 0 && unanswered.Count > 0 ? unanswered[step.Bits % unanswered.Count].Name : null;
                client.Nacked(step.Type, culprit);
                Assert.Equal(RequestCase.Nack, wire.Nack(step.Type, culprit is null ? "no" : $"bad {culprit}"));
                break;
            case 12 when known.Begun:
                var nonce = nonces[step.Bits % nonces.Count];
                if (!wire.Last.TryGetValue(step.Type, out var last) || nonce != last.Nonce)
                {
                    Assert.Equal(RequestCase.Stale, wire.Say(step.Type, nonce, step.Bits % 2 == 0 ? "no" : null));
                }

                break;
            case 14 when step.Bits < 8 || wire.IsAway:
                Reconnect(wire, client, restarted: step.Bits % 4 == 3);
                break;
            case 15 when step.Bits < 4:
                wire.Disconnect();
                break;
            case 13:
                client.TimePassed |= step.Bits > 0;
                wire.Clock.Advance(TimeSpan.FromMilliseconds(step.Bits * 100));
                break;
        }
    }

    private static void Ask(Wire wire, ReferenceClient client, string type, string[] names)
    {
        if (wire.Variant == XdsVariant.StateOfTheWorld && client[type].Unanswered is not null)
        {
            // Speaking with the last nonce is an acknowledgement.
            client.Acked(type);
        }

        client.Subscribed(type, names);
        wire.Ask(type, names);
    }

    private static void Reconnect(Wire wire, ReferenceClient client, bool restarted)
    {
        wire.Reconnect();
        foreach (var (type, versions, hasHistory, names) in client.Resume(restarted))
        {
            wire.Resume(type, versions, hasHistory, names);
        }
    }

    private static void Read(Wire wire, ReferenceClient client, List<string> nonces, int count)
    {
        while (count-- > 0 && wire.Next() is { } line)
        {
            var response = wire.Last[line.Split(' ')[0]];
            nonces.Add(response.Nonce);
            client.Judge(line, response);
        }
    }

    private static void Settle(Wire wire, ReferenceClient client)
    {
        for (var round = 0; round < 200; round++)
        {
            Read(wire, client, [], int.MaxValue);
            var unanswered = Types.Where(t => client[t].Unanswered is not null).ToList();
            foreach (var type in unanswered)
            {
                client.Acked(type);
                wire.Ack(type);
            }

            if (unanswered.Count == 0 && wire.State.Hold() is { } hold)
            {
                client.TimePassed = true;
                wire.Tell?.Invoke($"time: {hold}");
                wire.Clock.Advance(hold);
            }
        }
    }

    /// <summary>Some of the names, or the wildcard with them, by the bits of a number.</summary>
    private static string[] Chosen(int bits)
        => [.. Names.Where((_, i) => (bits & (1 << i)) != 0), .. (string[])((bits & 16) != 0 ? ["*"] : [])];

    private sealed record Step(int Kind, string Type, string Name, int Bits);
}
