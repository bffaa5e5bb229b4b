using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OsmExt.Envoy.Rules;

/// <summary>Takes one field's rules apart, and knows in the end what nobody took.</summary>
internal sealed class RuleReader
{
    private readonly IMessage _rules;
    private readonly Dictionary<string, FieldDescriptor> _left;

    public RuleReader(IMessage rules)
    {
        _rules = rules;
        _left = rules.Descriptor.Fields.InFieldNumberOrder().Where(IsSet).ToDictionary(field => field.Name, StringComparer.Ordinal);
    }

    /// <summary>Kinds of rules that are set but were not taken, such as <c>StringRules.email</c>.</summary>
    public IEnumerable<string> Left => _left.Keys.Order(StringComparer.Ordinal).Select(name => $"{_rules.Descriptor.Name}.{name}");

    public object? Take(string kind) => _left.Remove(kind, out var field) ? field.Accessor.GetValue(_rules) : null;

    public T? Take<T>(string kind)
        where T : struct
        => (T?)Take(kind);

    public IList TakeList(string kind) => (IList?)Take(kind) ?? Array.Empty<object>();

    private bool IsSet(FieldDescriptor field)
        => field.IsRepeated ? ((IList)field.Accessor.GetValue(_rules)).Count > 0 : field.Accessor.HasValue(_rules);
}
