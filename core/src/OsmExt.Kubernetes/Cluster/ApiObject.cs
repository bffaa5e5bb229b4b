using System.Text.Json;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>An object as a server sent it, and what tells it from others. Its bytes are valid for as long as whoever hands it over says.</summary>
internal readonly record struct ApiObject(string Namespace, string Name, string Uid, string ResourceVersion, ReadOnlyMemory<byte> Json)
{
    private const string InitialEventsEnd = "k8s.io/initial-events-end";

    /// <summary>Whether it marks the end of the objects that a watch begins with.</summary>
    public bool EndsInitialEvents { get; private init; }

    /// <exception cref="JsonException">It is no object.</exception>
    public static ApiObject Read(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span);
        var (ns, name, uid, version, ends) = ("", "", "", "", false);
        Enter(ref reader);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("metadata"u8))
            {
                Pass(ref reader);
                continue;
            }

            Enter(ref reader);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("namespace"u8))
                {
                    ns = Text(ref reader);
                }
                else if (reader.ValueTextEquals("name"u8))
                {
                    name = Text(ref reader);
                }
                else if (reader.ValueTextEquals("uid"u8))
                {
                    uid = Text(ref reader);
                }
                else if (reader.ValueTextEquals("resourceVersion"u8))
                {
                    version = Text(ref reader);
                }
                else if (reader.ValueTextEquals("annotations"u8))
                {
                    ends = HasMark(ref reader);
                }
                else
                {
                    Pass(ref reader);
                }
            }
        }

        return new(ns, name, uid, version, json) { EndsInitialEvents = ends };
    }

    private static bool HasMark(ref Utf8JsonReader reader)
    {
        var found = false;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isMark = reader.ValueTextEquals(InitialEventsEnd);
            reader.Read();
            found |= isMark && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("true"u8);
            reader.Skip();
        }

        return found;
    }

    private static void Enter(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("Expected an object");
        }
    }

    private static void Pass(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException("Expected a text");
    }
}
