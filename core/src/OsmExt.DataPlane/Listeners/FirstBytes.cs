using System.Runtime.CompilerServices;

using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Listener.HttpInspector.V3;
using Envoy.Extensions.Filters.Listener.TlsInspector.V3;
using OsmExt.DataPlane.Streams;
using OsmExt.Simulation;
using OsmExt.Simulation.Listeners;

namespace OsmExt.DataPlane.Listeners;

/// <summary>What the first bytes of a connection say, as far as a listener's filters ask.</summary>
/// <param name="Stream">The connection, from its very first byte.</param>
/// <param name="Payload">What they look like.</param>
/// <param name="Hello">The TLS they begin with; null for none, or when nobody asks.</param>
internal sealed record FirstBytes(Stream Stream, Payload Payload, TlsHello? Hello)
{
    // As much as Envoy's inspectors look at.
    private const int Most = 64 * 1024;
    private const int AtFirst = 1024;

    private static readonly ConditionalWeakTable<Listener, Asked> Wanted = [];
    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Reads as much as the filters of these listeners need; nothing when they ask for nothing, since the server may speak first.</summary>
    /// <exception cref="EndOfStreamException">The client is gone before it said anything.</exception>
    public static async ValueTask<FirstBytes> ReadAsync(Stream stream, Listener entry, Listener listener, CancellationToken stop)
    {
        var (first, second) = (AskedBy(entry), AskedBy(listener));
        if (!first.Tls && !first.Http && !second.Tls && !second.Http)
        {
            return new(stream, Payload.Bytes, null);
        }

        return await ReadAsync(stream, first.Tls || second.Tls, first.Http || second.Http, stop);
    }

    /// <summary>Whether a connection begins with HTTP/2.</summary>
    public static ValueTask<FirstBytes> ReadPrefaceAsync(Stream stream, CancellationToken stop) => ReadAsync(stream, tls: false, http: false, stop);

    private static async ValueTask<FirstBytes> ReadAsync(Stream stream, bool tls, bool http, CancellationToken stop)
    {
        // Nothing is held for a connection that says nothing.
        _ = await stream.ReadAsync(Memory<byte>.Empty, stop);
        var buffer = new byte[AtFirst];
        var length = 0;
        while (true)
        {
            var count = await stream.ReadAsync(buffer.AsMemory(length), stop);
            length += count;
            var verdict = Conclude(buffer.AsSpan(0, length), tls, http);
            if (count == 0 || length >= Most || verdict is not null)
            {
                var (payload, hello) = verdict ?? (Payload.Bytes, null);
                return length == 0 ? throw new EndOfStreamException() : new(new ReplayStream(stream, buffer, length), payload, hello);
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 4);
            }
        }
    }

    private static (Payload Payload, TlsHello? Hello)? Conclude(ReadOnlySpan<byte> bytes, bool tls, bool http)
    {
        if (tls)
        {
            switch (TlsHello.Read(bytes, out var hello))
            {
                case HelloState.Unfinished:
                    return null;
                case HelloState.Read:
                    return (Payload.Bytes, hello);
            }
        }

        var common = Math.Min(bytes.Length, Preface.Length);
        if (bytes[..common].SequenceEqual(Preface[..common]))
        {
            return common == Preface.Length ? (Payload.Http2, null) : null;
        }

        if (!http)
        {
            return (Payload.Http1, null);
        }

        var end = bytes.IndexOf((byte)'\n');
        return end >= 0 ? (IsRequestLine(bytes[..end]) ? Payload.Http1 : Payload.Bytes, null)
            : bytes.Length > 8192 || !CouldBeMethod(bytes) ? (Payload.Bytes, null)
            : null;
    }

    private static bool IsRequestLine(ReadOnlySpan<byte> line)
        => CouldBeMethod(line) && line.TrimEnd((byte)'\r') is var text && (text.EndsWith(" HTTP/1.1"u8) || text.EndsWith(" HTTP/1.0"u8));

    private static bool CouldBeMethod(ReadOnlySpan<byte> bytes)
    {
        var space = bytes.IndexOf((byte)' ');
        var method = space < 0 ? bytes : bytes[..space];
        return method.Length is > 0 and <= 32 && !method.ContainsAnyExceptInRange((byte)'A', (byte)'Z');
    }

    private static Asked AskedBy(Listener listener) => Wanted.GetValue(listener, static found =>
    {
        var types = found.ListenerFilters.Where(filter => filter.TypedConfig is not null).Select(filter => Packed.Open(filter.TypedConfig, filter.Name)).ToArray();
        return new(types.Any(type => type is TlsInspector), types.Any(type => type is HttpInspector));
    });

    private sealed record Asked(bool Tls, bool Http);
}
