using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>One line of a watch.</summary>
/// <param name="Type">ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.</param>
/// <param name="Json">The object it is about. Valid until the next event is asked for.</param>
internal readonly record struct WatchEvent(string Type, ReadOnlyMemory<byte> Json);

/// <summary>Reads the events of a watch. A line that is cut off is an error, never the end: what it said would be lost.</summary>
internal static class WatchEvents
{
    // An object may have 3 MB in a server's store, and JSON with escapes is larger.
    private const int MaxLine = 32 * 1024 * 1024;

    /// <exception cref="InvalidDataException">A line breaks off, is too long, or is no event.</exception>
    public static async IAsyncEnumerable<WatchEvent> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                var rest = read.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    var line = rest.Slice(0, end);
                    if (!IsBlank(line))
                    {
                        yield return Parse(line.IsSingleSegment ? line.First : line.ToArray());
                    }

                    rest = rest.Slice(rest.GetPosition(1, end));
                }

                if (read.IsCompleted)
                {
                    // Servers end every event with a line feed.
                    if (!IsBlank(rest))
                    {
                        throw new InvalidDataException("The watch broke off within an event");
                    }

                    yield break;
                }

                if (rest.Length > MaxLine)
                {
                    throw new InvalidDataException($"An event of the watch is longer than {MaxLine} bytes");
                }

                reader.AdvanceTo(rest.Start, rest.End);
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static WatchEvent Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line.Span);
            string? type = null;
            ReadOnlyMemory<byte>? json = null;
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw new JsonException("Expected an object");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isType = reader.ValueTextEquals("type"u8);
                var isObject = reader.ValueTextEquals("object"u8);
                reader.Read();
                if (isType)
                {
                    type = reader.GetString();
                }

                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (isObject)
                {
                    json = line[start..(int)reader.BytesConsumed];
                }
            }

            return type is not null && json is not null ? new(type, json.Value) : throw new JsonException("An event has a type and an object");
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException("A line of the watch is no event", failure);
        }
    }

    private static bool IsBlank(ReadOnlySequence<byte> line)
    {
        foreach (var segment in line)
        {
            if (segment.Span.IndexOfAnyExcept(" \t\r\n"u8) >= 0)
            {
                return false;
            }
        }

        return true;
    }
}
