using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy.Reading;

namespace OsmExt.Envoy.Printing;

/// <summary>A message as a JSON tree.</summary>
internal sealed class JsonTree
{
    // What is packed deeper stays packed, so that no bytes from elsewhere exhaust the stack.
    private const int DeepestUnpacked = 200;
    private int _depth;

    private JsonTree()
    {
    }

    public static JsonNode? Of(IMessage message) => new JsonTree().OfMessage(message);

    private JsonNode? OfMessage(IMessage message)
    {
        _depth++;
        var tree = OfKind(message);
        _depth--;
        return tree;
    }

    private JsonNode? OfKind(IMessage message) => message switch
    {
        Any any => OfAny(any),
        Struct structure => OfStruct(structure),
        ListValue list => OfList(list),
        Value value => OfValue(value),

        // Google's own text for these is exact, and for values out of range it is a remark instead of an exception.
        Duration or Timestamp or FieldMask => JsonNode.Parse(message.ToString()!),
        _ when WellKnownReader.IsWrapper(message.Descriptor) => OfWrapper(message.Descriptor.FindFieldByNumber(1), message),
        _ => OfFields(message, []),
    };

    private JsonNode? OfWrapper(FieldDescriptor field, IMessage wrapper) => OfSingle(field, field.Accessor.GetValue(wrapper));

    private JsonObject OfFields(IMessage message, JsonObject tree)
    {
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (IsSet(field, message))
            {
                var value = field.Accessor.GetValue(message);
                tree[field.Name] = field.IsMap ? OfMap(field, (IDictionary)value)
                    : field.IsRepeated ? new JsonArray([.. ((IList)value).Cast<object>().Select(item => OfSingle(field, item))])
                    : OfSingle(field, value);
            }
        }

        return tree;
    }

    private static bool IsSet(FieldDescriptor field, IMessage message) => field.IsMap || field.IsRepeated
        ? ((ICollection)field.Accessor.GetValue(message)).Count > 0
        : field.HasPresence ? field.Accessor.HasValue(message) : !IsDefault(field.Accessor.GetValue(message));

    // Negative zero is set: it has other bytes than nothing has.
    private static bool IsDefault(object value) => value switch
    {
        string text => text.Length == 0,
        ByteString bytes => bytes.IsEmpty,
        bool flag => !flag,
        double number => BitConverter.DoubleToInt64Bits(number) == 0,
        float number => BitConverter.SingleToInt32Bits(number) == 0,
        System.Enum => (int)value == 0,
        _ => Convert.ToDecimal(value, CultureInfo.InvariantCulture) == 0,
    };

    private JsonObject OfMap(FieldDescriptor field, IDictionary map)
    {
        var valueField = field.MessageType.FindFieldByNumber(2);
        var tree = new JsonObject();
        foreach (var (key, _, value) in MapEntries.Sorted(map))
        {
            tree[key] = OfSingle(valueField, value);
        }

        return tree;
    }

    private JsonNode? OfSingle(FieldDescriptor field, object value) => value switch
    {
        IMessage message => OfMessage(message),
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        int number when field.FieldType != FieldType.Enum => JsonValue.Create(number),
        uint number => JsonValue.Create(number),
        long or ulong => JsonValue.Create(Convert.ToString(value, CultureInfo.InvariantCulture)),
        float number => float.IsFinite(number) ? JsonValue.Create(number) : NotFinite(number),
        double number => OfNumber(number),
        ByteString bytes => JsonValue.Create(bytes.ToBase64()),
        _ => OfEnum(field.EnumType, (int)value),
    };

    private static JsonValue OfEnum(EnumDescriptor type, int number)
        => type.FindValueByNumber(number) is { } value ? JsonValue.Create(value.Name) : JsonValue.Create(number);

    private static JsonValue OfNumber(double number) => double.IsFinite(number) ? JsonValue.Create(number) : NotFinite(number);

    private static JsonValue NotFinite(double number)
        => JsonValue.Create(double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");

    private JsonObject OfAny(Any any)
    {
        var tree = new JsonObject { ["@type"] = any.TypeUrl };
        var content = _depth > DeepestUnpacked ? null : EnvoyTypes.Unpack(any);
        if (content is null)
        {
            tree["value"] = any.Value.ToBase64();
        }
        else if (AnyReader.Knows(content.Descriptor) || WellKnownReader.Knows(content.Descriptor))
        {
            tree["value"] = OfMessage(content);
        }
        else
        {
            OfFields(content, tree);
        }

        return tree;
    }

    private static JsonObject OfStruct(Struct structure)
    {
        var tree = new JsonObject();
        foreach (var (name, value) in structure.Fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            tree[name] = OfValue(value);
        }

        return tree;
    }

    private static JsonArray OfList(ListValue list) => new([.. list.Values.Select(OfValue)]);

    private static JsonNode? OfValue(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.StringValue => JsonValue.Create(value.StringValue),
        Value.KindOneofCase.NumberValue => OfNumber(value.NumberValue),
        Value.KindOneofCase.BoolValue => JsonValue.Create(value.BoolValue),
        Value.KindOneofCase.StructValue => OfStruct(value.StructValue),
        Value.KindOneofCase.ListValue => OfList(value.ListValue),
        _ => null,
    };
}
