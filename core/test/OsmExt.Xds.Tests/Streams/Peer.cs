using Envoy.Service.Discovery.V3;
using Grpc.Core;
using OsmExt.Testing.Xds;

namespace OsmExt.Xds.Tests.Streams;

/// <summary>The client's end of a real stream, spoken to alike in both variants.</summary>
internal abstract class Peer : IAsyncDisposable
{
    private int _barriers;

    public abstract Task<Status> Ended { get; }

    public abstract int Count { get; }

    public abstract bool AutoAck { set; }

    public static Peer Open(AdsTestClient client, string variant, bool read = true)
        => variant == "delta" ? new DeltaPeer(client.OpenDelta(read)) : new SotwPeer(client.OpenStateOfTheWorld(read));

    /// <summary>A stream of the type's own service.</summary>
    public static Peer OpenSeparate(AdsTestClient client, string variant, string type) => variant == "delta"
        ? new DeltaPeer(client.OpenSeparateDelta(Wire.TypeUrl(type)))
        : new SotwPeer(client.OpenSeparateStateOfTheWorld(Wire.TypeUrl(type)));

    /// <summary>State of the world: all names wanted. Delta: names wanted in addition.</summary>
    public abstract Task AskAsync(string type, params string[] names);

    /// <summary>Wants one more name than before.</summary>
    public abstract Task AddAsync(string type, string name);

    /// <summary>No longer wants these of the names it asked for last.</summary>
    public abstract Task DropAsync(string type, params string[] names);

    public abstract Task<Heard> NextAsync(string? type = null);

    public abstract Task AckAsync(Heard heard);

    public abstract Task NackAsync(Heard heard, string reason);

    /// <summary>Answers a nonce, ours or not.</summary>
    public abstract Task SayAsync(string type, string nonce, string? error = null);

    public abstract void StartReading();

    public abstract Task CompleteAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>Takes the next response, whatever it is, and accepts it.</summary>
    public async Task<string> TakeAsync(string? type = null)
    {
        var heard = await NextAsync(type);
        await AckAsync(heard);
        return heard.ToString();
    }

    public async Task<string[]> TakeAsync(int count)
    {
        var taken = new string[count];
        for (var i = 0; i < count; i++)
        {
            taken[i] = await TakeAsync();
        }

        return taken;
    }

    /// <summary>
    /// Returns when the server has dealt with everything said before: what is asked for now is a type nobody has, which is
    /// answered with nothing. Nothing else may come. Twice, because the first answer may overtake what was due before it.
    /// </summary>
    public async Task NothingElseAsync()
    {
        for (var i = 0; i < 2; i++)
        {
            var type = $"type.googleapis.com/test.Barrier{_barriers++}";
            await AskAsync(type, "none");
            var heard = await NextAsync();
            Assert.Equal(type, heard.Type);
            await AckAsync(heard);
        }
    }
}

internal sealed class SotwPeer(SotwTestStream stream) : Peer
{
    private readonly Dictionary<string, string[]> _names = new(StringComparer.Ordinal);

    public override Task<Status> Ended => stream.Ended;

    public override int Count => stream.Received.Count;

    public override bool AutoAck
    {
        set => stream.AutoAck = value;
    }

    public override Task AskAsync(string type, params string[] names)
    {
        _names[type] = names;
        return stream.RequestAsync(Wire.TypeUrl(type), names);
    }

    public override Task AddAsync(string type, string name) => AskAsync(type, [.. _names.GetValueOrDefault(type, []), name]);

    public override Task DropAsync(string type, params string[] names) => AskAsync(type, [.. _names[type].Except(names, StringComparer.Ordinal)]);

    public override async Task<Heard> NextAsync(string? type = null) => Heard.Of(await stream.NextAsync(type is null ? null : Wire.TypeUrl(type)));

    public override Task AckAsync(Heard heard) => stream.AckAsync((DiscoveryResponse)heard.Message);

    public override Task NackAsync(Heard heard, string reason) => stream.NackAsync((DiscoveryResponse)heard.Message, reason);

    public override Task SayAsync(string type, string nonce, string? error = null) => stream.SendAsync(new()
    {
        TypeUrl = Wire.TypeUrl(type),
        ResponseNonce = nonce,
        ResourceNames = { _names.GetValueOrDefault(type, []) },
        ErrorDetail = error is null ? null : new() { Message = error },
    });

    public override void StartReading() => stream.StartReading();

    public override Task CompleteAsync() => stream.CompleteAsync();

    public override ValueTask DisposeAsync() => stream.DisposeAsync();
}

internal sealed class DeltaPeer(DeltaTestStream stream) : Peer
{
    public override Task<Status> Ended => stream.Ended;

    public override int Count => stream.Received.Count;

    public override bool AutoAck
    {
        set => stream.AutoAck = value;
    }

    public override Task AskAsync(string type, params string[] names) => stream.SubscribeAsync(Wire.TypeUrl(type), names);

    public override Task AddAsync(string type, string name) => AskAsync(type, name);

    public override Task DropAsync(string type, params string[] names) => stream.UnsubscribeAsync(Wire.TypeUrl(type), names);

    public Task ResumeAsync(string type, IReadOnlyDictionary<string, string> versions, params string[] names)
        => stream.ResumeAsync(Wire.TypeUrl(type), versions, names);

    public override async Task<Heard> NextAsync(string? type = null) => Heard.Of(await stream.NextAsync(type is null ? null : Wire.TypeUrl(type)));

    public override Task AckAsync(Heard heard) => stream.AckAsync((DeltaDiscoveryResponse)heard.Message);

    public override Task NackAsync(Heard heard, string reason) => stream.NackAsync((DeltaDiscoveryResponse)heard.Message, reason);

    public override Task SayAsync(string type, string nonce, string? error = null) => stream.SendAsync(new()
    {
        TypeUrl = Wire.TypeUrl(type),
        ResponseNonce = nonce,
        ErrorDetail = error is null ? null : new() { Message = error },
    });

    public override void StartReading() => stream.StartReading();

    public override Task CompleteAsync() => stream.CompleteAsync();

    public override ValueTask DisposeAsync() => stream.DisposeAsync();
}
