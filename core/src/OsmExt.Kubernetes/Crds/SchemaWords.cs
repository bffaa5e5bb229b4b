using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Kubernetes.Crds;

/// <summary>What attributes say about a field, in the words of a schema.</summary>
internal static class SchemaWords
{
    public static bool IsRequired(IEnumerable<Attribute> attributes) => attributes.Any(attribute => attribute is RequiredAttribute);

    /// <summary>Whether a list's items are told apart by it.</summary>
    public static bool IsKey(IEnumerable<Attribute> attributes) => attributes.Any(attribute => attribute is KeyAttribute);

    public static void Add(JsonObject schema, IEnumerable<Attribute> attributes)
    {
        foreach (var attribute in attributes)
        {
            Add(schema, attribute);
        }
    }

    private static void Add(JsonObject schema, Attribute attribute)
    {
        switch (attribute)
        {
            case DescriptionAttribute about:
                schema.Insert(0, "description", about.Description);
                break;
            case DefaultValueAttribute { Value: { } fallback }:
                schema["default"] = Node(fallback);
                break;
            case AllowedValuesAttribute allowed:
                schema["enum"] = new JsonArray([.. allowed.Values.Select(value => Node(value!))]);
                break;
            case RangeAttribute range:
                Between(schema, Convert.ToInt64(range.Minimum, CultureInfo.InvariantCulture), Convert.ToInt64(range.Maximum, CultureInfo.InvariantCulture));
                break;
            case LengthAttribute length:
                (schema[Unit(schema, "min")], schema[Unit(schema, "max")]) = (length.MinimumLength, length.MaximumLength);
                break;
            case MinLengthAttribute length:
                schema[Unit(schema, "min")] = length.Length;
                break;
            case MaxLengthAttribute length:
                schema[Unit(schema, "max")] = length.Length;
                break;
            case RegularExpressionAttribute pattern:
                schema["pattern"] = pattern.Pattern;
                break;
            case EachOfAttribute each:
                schema["items"]!["enum"] = new JsonArray([.. each.Values.Select(value => (JsonNode)value)]);
                break;
            case EachLikeAttribute each:
                schema["items"]!["pattern"] = each.Pattern;
                break;
            case EachWithinAttribute each:
                Between(schema["items"]!.AsObject(), each.Least, each.Most);
                break;
            case CelRuleAttribute rule:
                Rule(schema, rule);
                break;
            case ValidationAttribute and not RequiredAttribute:
                throw new NotSupportedException($"{attribute.GetType().Name} says nothing that a schema can say");
            default:
                break;
        }
    }

    private static void Rule(JsonObject schema, CelRuleAttribute rule)
    {
        var node = new JsonObject { ["rule"] = rule.Rule, ["message"] = rule.Message };
        if (rule.FieldPath.Length > 0)
        {
            node["fieldPath"] = rule.FieldPath;
        }

        if (schema["x-kubernetes-validations"] is not JsonArray rules)
        {
            schema["x-kubernetes-validations"] = rules = [];
        }

        rules.Add((JsonNode)node);
    }

    // A bound that the type has anyway would only be noise.
    private static void Between(JsonObject schema, long least, long most)
    {
        schema["minimum"] = least;
        if (most < int.MaxValue)
        {
            schema["maximum"] = most;
        }
    }

    private static string Unit(JsonObject schema, string end) => (string?)schema["type"] switch
    {
        "string" => $"{end}Length",
        "array" => $"{end}Items",
        _ => $"{end}Properties",
    };

    private static JsonNode Node(object value) => value switch
    {
        string text => text,
        bool flag => flag,
        int number => number,
        _ => throw new NotSupportedException($"{value.GetType().Name} is no value of a schema"),
    };
}
