using System.Buffers;
using Microsoft.Extensions.Time.Testing;
using OsmExt.Envoy;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Server;
using OsmExt.Xds.Snapshots;

namespace OsmExt.Xds.Tests.Hostile;

/// <summary>
/// That others have a resource changes neither what a client is answered nor what the answer costs: it is made from its own scope, in
/// which others' names are not. So how long it takes cannot tell either.
/// </summary>
[Collection(nameof(Alone))]
public sealed class StrangersNamesTests
{
    private const string Mine = "mine";
    private const int Names = 200;
    private static readonly string[] Types = ["CDS", "EDS", "LDS", "RDS", "VHDS", "SDS"];

    public static TheoryData<string> Variants => Wire.Variants;

    [Theory]
    [MemberData(nameof(Variants))]
    public void What_is_answered_is_the_same_whether_others_have_it_or_there_are_no_others(string variant)
    {
        for (var seed = 1; seed <= 50; seed++)
        {
            var (alone, crowded) = (Talk(Cache(others: 0), variant, seed), Talk(Cache(others: 20), variant, seed));
            Assert.Equal(alone, crowded);
            Assert.InRange(alone.Count, 10, int.MaxValue);
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void What_an_answer_costs_is_the_same(string variant)
    {
        var cache = Cache(others: 20);
        foreach (var type in Types)
        {
            // The least of many: the runtime may make more of it at any time, for reasons of its own.
            long others = long.MaxValue, nobodys = long.MaxValue;
            for (var round = 0; round < 300; round++)
            {
                others = Math.Min(others, CostOf(cache, variant, type, $"theirs-{round % Names:000}"));
                nobodys = Math.Min(nobodys, CostOf(cache, variant, type, $"nobody-{round % Names:000}"));
            }

            Assert.Equal(nobodys, others);
            Assert.InRange(nobodys, 1, long.MaxValue);
        }
    }

    // What others have has names that this client knows, and its own has names that others have, too.
    private static SnapshotCache Cache(int others)
    {
        var cache = new SnapshotCache(new FakeTimeProvider());
        for (var number = 0; number < others; number++)
        {
            cache.Publish($"other-{number}", XdsSnapshot.Create(1, All("theirs").Concat(All("mine"))));
        }

        cache.Publish(Mine, XdsSnapshot.Create(1, All("mine")));
        return cache;

        static IEnumerable<XdsResource> All(string prefix) => Enumerable.Range(0, Names).Select(i => $"{prefix}-{i:000}")
            .SelectMany(name => new[] { Some.StaticCluster(name), Some.Endpoints(name), Some.Listener(name), Some.Route(name), Some.Secret(name) });
    }

    /// <summary>All that is answered to random requests, as bytes.</summary>
    private static List<string> Talk(SnapshotCache cache, string variant, int seed)
    {
        var random = new Random(seed);
        var stream = Open(cache, variant);
        var nonces = new Dictionary<string, string>(StringComparer.Ordinal);
        var heard = new List<string>();
        for (var step = 0; step < 60; step++)
        {
            var type = Wire.TypeUrl(Types[random.Next(Types.Length)]);
            stream.Handle(new(type)
            {
                Nonce = random.Next(3) > 0 ? nonces.GetValueOrDefault(type, "") : "",
                Error = random.Next(10) == 0 ? $"{Name(random)} is bad" : null,
                Subscribe = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Name(random))],
                Unsubscribe = variant == "delta" ? [.. Enumerable.Range(0, random.Next(3)).Select(_ => Name(random))] : [],
            });
            while (stream.Next(out _) is { } response)
            {
                stream.Written(response);
                nonces[response.TypeUrl] = response.Nonce;
                var bytes = new ArrayBufferWriter<byte>();
                new ResponseEncoding("").Write(response, bytes);
                heard.Add(Convert.ToHexString(bytes.WrittenSpan));
            }
        }

        stream.Close();
        return heard;
    }

    private static string Name(Random random) => random.Next(12) == 0 ? "*" : $"{new[] { "mine", "theirs", "nobody" }[random.Next(3)]}-{random.Next(Names):000}";

    /// <summary>What asking for one name, and the answer if there is one, allocates.</summary>
    private static long CostOf(SnapshotCache cache, string variant, string type, string name)
    {
        var stream = Open(cache, variant);
        var request = new TypeRequest(Wire.TypeUrl(type)) { Subscribe = [name] };
        var before = GC.GetAllocatedBytesForCurrentThread();
        stream.Handle(request);
        var response = stream.Next(out _);
        var cost = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(response is null || response.Resources.Count == 0);
        stream.Close();
        return cost;
    }

    private static XdsStream Open(SnapshotCache cache, string variant)
    {
        var stream = new XdsStream(
            new("hostile", Mine), new(variant == "delta" ? XdsVariant.Delta : XdsVariant.StateOfTheWorld, new NonceSequence(1), new ProxyRejections("hostile"), new FakeTimeProvider()), "", static () => { });
        stream.Attach(cache);
        return stream;
    }
}
