using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer;

/// <summary>What is wrong with a field, in Kubernetes' wording.</summary>
/// <param name="Field">Its path, like <c>spec.ports[0].port</c>.</param>
/// <param name="Reason">Like <c>FieldValueInvalid</c>.</param>
/// <param name="Body">What is said after the path.</param>
internal sealed record FieldError(string Field, string Reason, string Body)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static FieldError Required(string field, string detail = "") => new(field, "FieldValueRequired", detail.Length > 0 ? $"Required value: {detail}" : "Required value");

    public static FieldError Invalid(string field, JsonNode? value, string detail) => new(field, "FieldValueInvalid", $"Invalid value: {Word(value)}: {detail}");

    /// <summary>A value of another type: what it is says more than its text.</summary>
    public static FieldError WrongType(string field, JsonNode? value, string detail) => new(field, "FieldValueTypeInvalid", $"Invalid value: {Word(value)}: {detail}");

    public static FieldError Forbidden(string field, string detail) => new(field, "FieldValueForbidden", $"Forbidden: {detail}");

    public static FieldError Duplicate(string field, JsonNode? value) => new(field, "FieldValueDuplicate", $"Duplicate value: {Word(value, whole: true)}");

    public static FieldError TooLong(string field, long most) => new(field, "FieldValueTooLong", $"Too long: may not be more than {most} bytes");

    public static FieldError TooMany(string field, long actual, long most) => new(field, "FieldValueTooMany", $"Too many: {actual}: must have at most {most} items");

    public static FieldError Unsupported(string field, JsonNode? value, IEnumerable<JsonNode?> allowed)
        => new(field, "FieldValueNotSupported", $"Unsupported value: {Word(value)}: supported values: {string.Join(", ", allowed.Select(one => Word(one)))}");

    public override string ToString() => $"{(Field.Length > 0 ? Field : "<nil>")}: {Body}";

    /// <summary>A value as messages have it: texts in quotes, and of what is large only what it is.</summary>
    public static string Word(JsonNode? value, bool whole = false) => value switch
    {
        null => "null",
        JsonObject or JsonArray when whole => value.ToJsonString(Plain),
        JsonObject => "\"object\"",
        JsonArray => "\"array\"",
        _ when value.GetValueKind() == JsonValueKind.Number => value.ToJsonString().ToString(CultureInfo.InvariantCulture),
        _ => value.ToJsonString(Plain),
    };
}
