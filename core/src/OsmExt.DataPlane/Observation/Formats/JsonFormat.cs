using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;

namespace OsmExt.DataPlane.Observation.Formats;

/// <summary>A JSON object with command operators in its values; a line for each request, with its keys in order.</summary>
internal sealed class JsonFormat
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Func<StreamRecord, FormatContext, JsonNode?> _print;

    private JsonFormat(Func<StreamRecord, FormatContext, JsonNode?> print) => _print = print;

    /// <exception cref="FormatException">A command in it is not carried out.</exception>
    public static JsonFormat Of(Struct format) => new(Compile(Value.ForStruct(format)));

    public string Print(StreamRecord stream, FormatContext context) => (_print(stream, context)?.ToJsonString(Compact) ?? "null") + "\n";

    private static Func<StreamRecord, FormatContext, JsonNode?> Compile(Value value)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.StringValue:
                return TextFormat.Parse(value.StringValue).PrintValue;
            case Value.KindOneofCase.StructValue:
                var fields = value.StructValue.Fields.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => (field.Key, Print: Compile(field.Value))).ToArray();
                return (stream, context) => new JsonObject(fields.Select(field => KeyValuePair.Create(field.Key, field.Print(stream, context))));
            case Value.KindOneofCase.ListValue:
                var items = value.ListValue.Values.Select(Compile).ToArray();
                return (stream, context) => new JsonArray([.. items.Select(print => print(stream, context))]);
            case Value.KindOneofCase.NumberValue:
                return (_, _) => JsonValue.Create(value.NumberValue);
            case Value.KindOneofCase.BoolValue:
                return (_, _) => JsonValue.Create(value.BoolValue);
            default:
                return (_, _) => null;
        }
    }
}
