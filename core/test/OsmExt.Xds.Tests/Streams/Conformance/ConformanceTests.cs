using OsmExt.Envoy;
using OsmExt.Xds.Tests.Hosting;

namespace OsmExt.Xds.Tests.Streams.Conformance;

/// <summary>
/// What the public xDS test harness (ii/xds-test-harness) asks of every control plane: 18 scenarios about subscribing, unsubscribing
/// and deltas, on aggregated and on separate streams. It asks for less than this: here a response must hold what is expected,
/// content and version included, and nothing else.
/// </summary>
public abstract class ConformanceTests : StreamTests
{
    private int _barriers;

    private protected static readonly string[] Full = ["CDS", "LDS"];
    private protected static readonly string[] Partial = ["RDS", "EDS"];

    /// <summary>Each type on both kinds of streams.</summary>
    private protected static TheoryData<string, bool> On(IEnumerable<string> types)
    {
        var data = new TheoryData<string, bool>();
        foreach (var type in types)
        {
            data.Add(type, false);
            data.Add(type, true);
        }

        return data;
    }

    private protected Peer Open(string variant, string type, bool separate) => separate ? Keep(Peer.OpenSeparate(Connect(), variant, type)) : Open(variant);

    /// <summary>This is all there is.</summary>
    private protected void Given(string type, params string[] names) => Server.Publish([.. names.Select(name => Of(type, name, 1))]);

    /// <summary>They are there with this content, whether or not they were before.</summary>
    private protected void Set(string type, int content, params string[] names) => Server.Change([.. names.Select(name => Of(type, name, content))]);

    /// <summary>The next response holds exactly this and says that nothing is gone.</summary>
    private protected static async Task<Heard> ReceivesAsync(Peer peer, string type, params (string Name, int Content)[] expected)
    {
        var heard = await peer.NextAsync();
        var resources = expected.Select(e => Of(type, e.Name, e.Content)).OrderBy(r => r.Name, StringComparer.Ordinal).ToList();
        Assert.Equal(string.Join(' ', resources.Select(r => r.Name).Prepend(type)), heard.ToString());
        Assert.Equal(resources.Select(r => Convert.ToHexString(r.Value.Span)), heard.Resources.Select(r => Convert.ToHexString(r.Value.Span)));
        if (peer is DeltaPeer)
        {
            Assert.Equal(resources.Select(r => r.Version), heard.Versions.Values);
        }

        return heard;
    }

    /// <summary>Gives up names, and returns when the server has heard it.</summary>
    private protected async Task DropAsync(Peer peer, string type, params string[] names)
    {
        await peer.DropAsync(type, names);
        await Eventually.HoldsAsync(
            () => Server.Registry.Describe(Proxy).Single().Types.Single(t => t.TypeUrl == Wire.TypeUrl(type)).Names.Intersect(names).Any() is false,
            "the names are dropped");
    }

    /// <summary>
    /// The client accepts, and the server says nothing to that. Then a resource comes into being of which it hears next, so that
    /// whatever had been said before would have been heard before.
    /// </summary>
    private protected async Task EndsQuietlyAsync(Peer peer, string type, Heard? last, bool wildcard = false)
    {
        if (last is not null)
        {
            await peer.AckAsync(last);
            await Server.WhenAnsweredAsync();
        }

        var before = peer.Count;
        var name = $"zz-barrier-{_barriers++}";
        Set(type, 1, name);
        if (!wildcard)
        {
            await peer.AddAsync(type, name);
        }

        var heard = await peer.NextAsync();
        Assert.Equal(name, heard.ToString().Split(' ')[^1]);
        Assert.Equal(before + 1, peer.Count);
        Assert.True(peer is SotwPeer && Full.Contains(type) || heard.Resources.Count == 1, heard.ToString());
        await peer.AckAsync(heard);
        await Server.WhenAnsweredAsync();
    }

    private static XdsResource Of(string type, string name, int content)
        => type == "CDS" ? Some.StaticCluster(name, content) : Some.Of(Wire.TypeUrl(type), name, content);
}
