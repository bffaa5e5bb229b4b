using System.Text;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using OsmExt.Envoy;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Snapshots;

namespace OsmExt.Xds.Tests.Fuzz;

/// <summary>
/// Bytes on the wire: requests one after another, each behind its length, on a stream whose mesh changes in between. Whatever they say, the
/// stream goes on or ends with a rule that was broken, has at most one response of a type on its way, and sends only what there is.
/// </summary>
public sealed class RequestFuzzTests
{
    private const string Nonce = "0000000000000007.";
    private static readonly string[] Names = ["a", "b", "a/b"];

    private static readonly byte[][] Words =
    [
        .. TypeUrls.PushOrder.Select(Encoding.ASCII.GetBytes), .. Enumerable.Range(1, 6).Select(i => Encoding.ASCII.GetBytes($"{Nonce}{i}")),
        .. new[] { "a", "b", "*", "a/b", "xdstp://x/y", "", "type.googleapis.com/x" }.Select(Encoding.ASCII.GetBytes),
        [0x1A, 1, (byte)'*'], [0x1A, 1, (byte)'a'], [0x22, 1, (byte)'b'], [0x32, 0], [0x3A, 0], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0x80], [0],
    ];

    [Fact]
    public void Requests_of_the_state_of_the_world() => new Fuzzer("sotw", bytes => Judge(bytes, XdsVariant.StateOfTheWorld, DiscoveryRequest.Parser, TypeRequest.From), Words).Run();

    [Fact]
    public void Requests_of_delta() => new Fuzzer("delta", bytes => Judge(bytes, XdsVariant.Delta, DeltaDiscoveryRequest.Parser, TypeRequest.From), Words).Run();

    private static string Judge<T>(byte[] bytes, XdsVariant variant, MessageParser<T> parser, Func<T, TypeRequest> read)
        where T : IMessage<T>
    {
        var clock = new FakeTimeProvider();
        var state = new StreamState(new(variant, new NonceSequence(7), new ProxyRejections("proxy"), clock) { MaxResourceNames = 50, MaxNameCharacters = 5_000, MaxTypes = 8 });
        var snapshot = XdsSnapshot.Create(1, World(1));
        state.Replace(new(snapshot));
        var behaviour = new StringBuilder();
        var unanswered = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (frame, index) in Frames(bytes).Select((frame, index) => (frame, index)))
        {
            T request;
            try
            {
                request = parser.ParseFrom(frame);
            }
            catch (InvalidProtocolBufferException)
            {
                return behaviour.Append("unreadable").ToString();
            }

            var said = read(request);
            var outcome = state.Handle(said);
            behaviour.Append(System.Globalization.CultureInfo.InvariantCulture, $"{outcome.Case} {outcome.Violation} {outcome.Rejections.Count};");
            if (outcome.Violation != RequestViolation.None)
            {
                return behaviour.ToString();
            }

            if (outcome.Case is RequestCase.Ack or RequestCase.Nack)
            {
                Assert.Equal(unanswered[said.TypeUrl], said.Nonce);
                unanswered.Remove(said.TypeUrl);
            }

            var changes = World(2 + index).Skip(index % 3).Take(4).Select(XdsChange.Set).Append(XdsChange.Remove(TypeUrls.PushOrder[index % 6], "b")).ToList();
            snapshot = snapshot.With(2 + index, changes);
            state.Advance(new(snapshot), changes);
            Drain(state, snapshot, unanswered, behaviour);
            clock.Advance(TimeSpan.FromSeconds(index % 4));
        }

        return behaviour.ToString();
    }

    private static void Drain(StreamState state, XdsSnapshot snapshot, Dictionary<string, string> unanswered, StringBuilder behaviour)
    {
        while (state.Next() is { } response)
        {
            state.Written(response);
            Assert.True(unanswered.TryAdd(response.TypeUrl, response.Nonce), "a second response before the first was answered");
            Assert.All(response.Removed, name => Assert.Null(snapshot.Find(response.TypeUrl, name)));
            behaviour.Append(Array.IndexOf([.. TypeUrls.PushOrder], response.TypeUrl)).Append(response.Resources.Count).Append('-').Append(response.Removed.Count).Append(';');
            if (response.Variant == XdsVariant.Delta)
            {
                Assert.All(response.Resources, resource => Assert.Equal(snapshot.Find(response.TypeUrl, resource.Name), resource));
            }
        }

        Assert.All(state.Subscriptions, s => Assert.True(s.Interest.Names.Count <= 50));
    }

    private static IEnumerable<byte[]> Frames(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length && at + 1 + bytes[at] <= bytes.Length; at += 1 + bytes[at])
        {
            yield return bytes[(at + 1)..(at + 1 + bytes[at])];
        }
    }

    private static XdsResource[] World(int content)
        => [.. TypeUrls.PushOrder.SelectMany(type => Names.Select(name => Some.Of(type, name, 1 + (content % 5))))];
}
