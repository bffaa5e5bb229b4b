using Envoy.Annotations;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy.Reading;
using Validate;

namespace OsmExt.Envoy.Rules;

/// <summary>What a field's options ask of it.</summary>
internal sealed class RuleSet
{
    private static readonly OneofDescriptor Kinds = FieldRules.Descriptor.Oneofs[0];
    private readonly List<string> _unknown = [];

    public RuleSet(FieldDescriptor field)
    {
        var rules = field.GetOptions()?.GetExtension(ValidateExtensions.Rules);
        if (field.IsMap && rules?.Map is { } map)
        {
            var reader = new RuleReader(map);
            Count = CountRule.For(reader, "min_pairs", "max_pairs", "entries");
            Key = ForValue((FieldRules?)reader.Take("keys"), field.MessageType.FindFieldByNumber(1));
            Value = ForValue((FieldRules?)reader.Take("values"), field.MessageType.FindFieldByNumber(2));
            _unknown.AddRange(reader.Left);
        }
        else if (field.IsMap)
        {
            Value = ForValue(null, field.MessageType.FindFieldByNumber(2));
        }
        else if (field.IsRepeated && rules?.Repeated is { } repeated)
        {
            var reader = new RuleReader(repeated);
            Count = CountRule.For(reader, "min_items", "max_items", "items");
            Value = ForValue((FieldRules?)reader.Take("items"), field);
            _unknown.AddRange(reader.Left);
        }
        else
        {
            Value = ForValue(rules, field);
        }

        if (_unknown.Count > 0)
        {
            // Not being able to check is no reason to let it pass.
            Value = ValueRule.Every([Value, ValueRule.Of<object>(_ => $"has a rule that cannot be checked ({string.Join(", ", _unknown)})")]);
        }
    }

    /// <summary>Kinds of rules nobody here knows.</summary>
    public IReadOnlyList<string> Unknown => _unknown;

    public bool Required { get; private set; }

    public CountRule? Count { get; }

    public ValueRule Key { get; } = ValueRule.None;

    /// <summary>For each item of a list, or each value of a map.</summary>
    public ValueRule Value { get; }

    private ValueRule ForValue(FieldRules? rules, FieldDescriptor field)
    {
        var parts = new List<ValueRule>();
        var skip = false;
        if (rules?.Message is { } message)
        {
            var reader = new RuleReader(message);
            Required |= reader.Take<bool>("required") == true;
            skip = reader.Take<bool>("skip") == true;
            _unknown.AddRange(reader.Left);
        }

        if (rules is not null && Kinds.Accessor.GetCaseFieldDescriptor(rules) is { } kind)
        {
            var reader = new RuleReader((IMessage)kind.Accessor.GetValue(rules));
            Required |= reader.Take<bool>("required") == true;
            parts.AddRange(ForKind(kind.Name, reader, field));
            _unknown.AddRange(reader.Left);
        }

        if (field.FieldType == FieldType.Enum)
        {
            parts.Add(DisallowedValues(field.EnumType));
        }

        var isDuration = field.FieldType == FieldType.Message && ReferenceEquals(field.MessageType, Duration.Descriptor);
        if (isDuration && rules?.Duration is null or { Gt: null, Gte: null })
        {
            // Not one of the API's options, but Envoy takes no duration below zero anywhere.
            parts.Add(ValueRule.Of<Duration>(value => value.Seconds < 0 || value.Nanos < 0 ? "must not be negative" : null));
        }

        if (field.FullName is "envoy.type.matcher.v3.RegexMatcher.regex" or "xds.type.matcher.v3.RegexMatcher.regex")
        {
            parts.Add(new PatternRule());
        }

        if (field.FieldType == FieldType.Message && !skip && IsWalked(field.MessageType))
        {
            parts.Add(ValueRule.Nested);
        }

        return ValueRule.Every(parts);
    }

    private static IEnumerable<ValueRule> ForKind(string kind, RuleReader reader, FieldDescriptor field) => kind switch
    {
        "string" => [StringRules.From(reader)],
        "bytes" => BytesRules.From(reader),
        "bool" => BoolRules.From(reader),
        "enum" => EnumRules.From(reader, field.EnumType),
        "duration" => RangeRules.OfDurations(reader),
        "any" => AnyRules.From(reader),
        "timestamp" or "repeated" or "map" => [],
        _ => RangeRules.OfNumbers(reader),
    };

    private static bool IsWalked(MessageDescriptor type) => AnyReader.Knows(type) || type.File.Package != "google.protobuf";

    private static ValueRule DisallowedValues(EnumDescriptor type)
    {
        var disallowed = type.Values
            .Where(value => value.GetOptions()?.GetExtension(DeprecationExtensions.DisallowedByDefaultEnum) == true)
            .ToDictionary(value => value.Number, value => value.Name);
        return disallowed.Count == 0
            ? ValueRule.None
            : ValueRule.Of<object>(value => disallowed.TryGetValue((int)value, out var name) ? $"must not be {name}, which Envoy no longer allows" : null);
    }
}
