using System.Globalization;
using System.Text.RegularExpressions;
using k8s.Models;
using OsmExt.Kubernetes.Models;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Kubernetes.Manifests;

/// <summary>Reads the single values of one type.</summary>
/// <param name="Expected">How the type is called in a message.</param>
/// <param name="Read">The value, or null when the node is not one.</param>
internal sealed partial record ScalarReader(string Expected, Func<YamlScalarNode, object?> Read)
{
    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private static readonly Dictionary<Type, ScalarReader> ByType = new()
    {
        [typeof(string)] = new("a text", TextOf),
        [typeof(HiddenText)] = new("a text in quotes", node => new HiddenText(node.Value ?? "")),
        [typeof(bool)] = new("true or false", node => YamlScalar.AsBoolean(node)),
        [typeof(int)] = new("a whole number", node => YamlScalar.AsInteger(node) is { } number and >= int.MinValue and <= int.MaxValue ? (int)number : null),
        [typeof(long)] = new("a whole number", node => YamlScalar.AsInteger(node)),
        [typeof(DateTime)] = new("a time such as 2025-01-31T12:00:00Z", node => TimeOf(node)),
        [typeof(ResourceQuantity)] = new("a quantity such as 500m or 1Gi", QuantityOf),
        [typeof(IntOrString)] = new("a whole number or a text", node
            => YamlScalar.AsInteger(node) is { } number ? (IntOrString)number : TextOf(node) is { } text ? (IntOrString)text : null),
    };

    public static ScalarReader Text => ByType[typeof(string)];

    /// <summary>The reader of a type, nullable or not; null when it is no scalar.</summary>
    public static ScalarReader? For(Type type) => ByType.GetValueOrDefault(Nullable.GetUnderlyingType(type) ?? type);

    /// <summary>What to do about a value that is not what was expected.</summary>
    public static string Advice(YamlNode node, string expected) => (node, expected) switch
    {
        (YamlScalarNode scalar, "a text") when YamlScalar.IsPlain(scalar) && !YamlScalar.IsNull(scalar) => $"Put it in quotes: {YamlScalar.Quote(scalar.Value!)}",
        (YamlScalarNode { Value: "yes" or "on" or "Yes" or "On" }, "true or false") => "Write true",
        (YamlScalarNode { Value: "no" or "off" or "No" or "Off" }, "true or false") => "Write false",
        (YamlScalarNode scalar, "true or false" or "a whole number") when !YamlScalar.IsPlain(scalar) => "Remove the quotes if it is one",
        (YamlScalarNode scalar, "a whole number") when YamlScalar.AsInteger(scalar) is not null => $"Write one up to {int.MaxValue.ToString(CultureInfo.InvariantCulture)}",
        _ => $"Write {expected}",
    };

    private static string? TextOf(YamlScalarNode node)
        => YamlScalar.IsNull(node) || YamlScalar.AsBoolean(node) is not null || YamlScalar.AsNumber(node) is not null ? null : node.Value;

    private static DateTime? TimeOf(YamlScalarNode node)
        => DateTimeOffset.TryParseExact(node.Value, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.UtcDateTime : null;

    // The pattern comes first: the library's own reader takes an exponent of any size and spends itself on it.
    private static ResourceQuantity? QuantityOf(YamlScalarNode node)
        => node.Value is { Length: <= 40 } text && QuantityPattern().IsMatch(text) ? new(text) : null;

    [GeneratedRegex(@"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex QuantityPattern();
}
