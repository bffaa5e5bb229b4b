using System.Text.Json;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>One page of a list.</summary>
/// <param name="ResourceVersion">Of when the whole list is.</param>
/// <param name="Continue">Asks for the next page; empty on the last one.</param>
/// <param name="Items">The objects.</param>
internal sealed record ListPage(string ResourceVersion, string Continue, IReadOnlyList<ReadOnlyMemory<byte>> Items)
{
    /// <exception cref="InvalidDataException">It is no list.</exception>
    public static ListPage Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json.Span);
            var items = new List<ReadOnlyMemory<byte>>();
            var (version, next) = ("", "");
            Expect(ref reader, JsonTokenType.StartObject);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("items"u8))
                {
                    reader.Read();
                    TakeItems(ref reader, json, items);
                }
                else if (reader.ValueTextEquals("metadata"u8))
                {
                    Metadata(ref reader, ref version, ref next);
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            return version.Length > 0 ? new(version, next, items) : throw new JsonException("A list has a resourceVersion");
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException("The API server's list cannot be read", failure);
        }
    }

    private static void TakeItems(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, List<ReadOnlyMemory<byte>> items)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            items.Add(json[start..(int)reader.BytesConsumed]);
        }
    }

    private static void Metadata(ref Utf8JsonReader reader, ref string version, ref string next)
    {
        Expect(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isVersion, isNext) = (reader.ValueTextEquals("resourceVersion"u8), reader.ValueTextEquals("continue"u8));
            reader.Read();
            version = isVersion ? reader.GetString() ?? "" : version;
            next = isNext ? reader.GetString() ?? "" : next;
            reader.Skip();
        }
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (!reader.Read() || reader.TokenType != type)
        {
            throw new JsonException($"Expected {type}");
        }
    }
}
