using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Types;

/// <summary>Reads objects that clients send in protobuf, as kubectl does when it makes them itself, into what they are in JSON.</summary>
internal static class ProtobufObject
{
    // What is around an object, and says which kind it is.
    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    public static JsonObject Read(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith(Magic))
        {
            throw Refusal.BadRequest("the body of the request does not begin as protobuf of Kubernetes does");
        }

        var (apiVersion, kind) = ("", "");
        ReadOnlySpan<byte> raw = default;
        var unknown = new WireReader(body[Magic.Length..]);
        while (unknown.Next())
        {
            if (unknown.Number == 1)
            {
                for (var type = new WireReader(unknown.Bytes); type.Next();)
                {
                    (apiVersion, kind) = type.Number switch { 1 => (Text(type.Bytes), kind), 2 => (apiVersion, Text(type.Bytes)), _ => (apiVersion, kind) };
                }
            }
            else if (unknown.Number == 2)
            {
                raw = unknown.Bytes;
            }
        }

        var (group, version) = apiVersion.Split('/') is [var named, var of] ? (named, of) : ("", apiVersion);
        var known = kind is "DeleteOptions" ? BuiltInTypes.Find("meta.v1.DeleteOptions") : BuiltInTypes.Of(group, version, kind);
        var value = Message(raw, known ?? throw Refusal.BadRequest($"no {kind} of {apiVersion} can be read from protobuf; send JSON"));
        return new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind }.With([.. value.Select(field => (field.Key, field.Value))]);
    }

    private static JsonObject Message(ReadOnlySpan<byte> bytes, BuiltInType type)
    {
        var result = new JsonObject();
        for (var wire = new WireReader(bytes); wire.Next();)
        {
            var number = wire.Number;
            if (type.Fields.FirstOrDefault(field => field.Number == number) is { } field)
            {
                Put(result, field, wire);
            }
        }

        return result;
    }

    private static void Put(JsonObject result, TypeField field, WireReader wire)
    {
        switch (field.Shape)
        {
            case FieldShape.Map:
                var (key, value) = Entry(field, wire.Bytes);
                Container(result, field, () => new JsonObject())[key] = value;
                break;
            case FieldShape.List:
                Container(result, field, () => new JsonArray()).Add(Value(field.Value, wire));
                break;
            case FieldShape.Inline:
                foreach (var (name, inner) in Message(wire.Bytes, BuiltInTypes.Find(field.Value)!))
                {
                    result[name] = inner?.DeepClone();
                }

                break;
            default:
                if (Value(field.Value, wire) is { } single && (field.Shape == FieldShape.Kept || !IsZero(single)))
                {
                    result[field.Name] = single;
                }

                break;
        }
    }

    private static T Container<T>(JsonObject result, TypeField field, Func<T> empty)
        where T : JsonNode
    {
        if (result[field.Name] is not T container)
        {
            result[field.Name] = container = empty();
        }

        return container;
    }

    private static (string Key, JsonNode? Value) Entry(TypeField field, ReadOnlySpan<byte> bytes)
    {
        var (key, value) = ("", default(JsonNode));
        for (var entry = new WireReader(bytes); entry.Next();)
        {
            (key, value) = entry.Number == 1 ? (Text(entry.Bytes), value) : (key, Value(field.Value, entry));
        }

        return (key, value ?? (field.Value is "string" or "bytes" ? "" : null));
    }

    private static JsonNode? Value(string type, WireReader wire) => type switch
    {
        "string" => Text(wire.Bytes),
        "bool" => wire.Value != 0,
        "int32" or "int64" => (long)wire.Value,
        "uint32" => wire.Value,
        "double" => BitConverter.UInt64BitsToDouble(wire.Value),
        "bytes" => Convert.ToBase64String(wire.Bytes),
        "time" => Time(wire.Bytes, micro: false),
        "microtime" => Time(wire.Bytes, micro: true),
        "quantity" => Only(wire.Bytes) is { Length: > 0 } quantity ? quantity : "0",
        "intorstring" => IntOrString(wire.Bytes),
        "duration" => $"{First(wire.Bytes) / 1e9}s",
        "raw" => JsonNode.Parse(Only(wire.Bytes) is { Length: > 0 } text ? text : "{}"),
        _ => BuiltInTypes.Find(type) is { IsList: true } list ? Message(wire.Bytes, list)["items"]?.DeepClone() ?? new JsonArray() : Message(wire.Bytes, BuiltInTypes.Find(type)!),
    };

    private static bool IsZero(JsonNode value) => value is JsonValue scalar && scalar.GetValueKind() switch
    {
        JsonValueKind.String => scalar.GetValue<string>().Length == 0,
        JsonValueKind.False => true,
        JsonValueKind.Number => scalar.ToJsonString() is "0",
        _ => false,
    };

    private static JsonNode? Time(ReadOnlySpan<byte> bytes, bool micro)
    {
        var (seconds, nanos) = (0L, 0L);
        for (var wire = new WireReader(bytes); wire.Next();)
        {
            (seconds, nanos) = wire.Number == 1 ? ((long)wire.Value, nanos) : (seconds, (long)wire.Value);
        }

        return seconds == 0 && nanos == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanos / 100)
            .ToString(micro ? "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'" : "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    private static JsonNode IntOrString(ReadOnlySpan<byte> bytes)
    {
        var (isText, number, text) = (false, 0L, "");
        for (var wire = new WireReader(bytes); wire.Next();)
        {
            (isText, number, text) = wire.Number switch { 1 => (wire.Value == 1, number, text), 2 => (isText, (long)wire.Value, text), _ => (isText, number, Text(wire.Bytes)) };
        }

        return isText ? text : number;
    }

    private static string Only(ReadOnlySpan<byte> bytes)
    {
        var wire = new WireReader(bytes);
        return wire.Next() ? Text(wire.Bytes) : "";
    }

    private static long First(ReadOnlySpan<byte> bytes)
    {
        var wire = new WireReader(bytes);
        return wire.Next() ? (long)wire.Value : 0;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
