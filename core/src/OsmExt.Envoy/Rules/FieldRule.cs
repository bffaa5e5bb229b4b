using System.Collections;
using Envoy.Annotations;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OsmExt.Envoy.Rules;

/// <summary>Everything to check about one field.</summary>
internal sealed class FieldRule
{
    private readonly FieldDescriptor _field;
    private readonly ValueRule _value;
    private readonly ValueRule _key;
    private readonly CountRule? _count;
    private readonly bool _required;
    private readonly bool _disallowed;
    private readonly bool _always;
    private readonly bool _message;

    private FieldRule(FieldDescriptor field)
    {
        _field = field;
        _always = !field.HasPresence;
        _message = field.FieldType == FieldType.Message;
        var rules = new RuleSet(field);
        _disallowed = field.GetOptions()?.GetExtension(DeprecationExtensions.DisallowedByDefault) == true;
        _required = rules.Required;
        _count = rules.Count;
        _key = rules.Key;
        _value = rules.Value;
    }

    /// <summary>The field's rule, or null when nothing about it can be wrong.</summary>
    public static FieldRule? For(FieldDescriptor field)
    {
        var rule = new FieldRule(field);
        return rule._disallowed || rule._required || rule._count is not null || rule._key != ValueRule.None || rule._value != ValueRule.None ? rule : null;
    }

    public void Check(IMessage message, RuleWalk walk)
    {
        // A field that can be absent is only checked when it is there. A message is there when its value is.
        var value = _always || !_message ? null : _field.Accessor.GetValue(message);
        var present = _always || (_message ? value is not null : _field.Accessor.HasValue(message));
        if (!present && !_required)
        {
            return;
        }

        walk.Path.Push(_field.Name);
        if (!present)
        {
            walk.Report("must be set");
        }
        else
        {
            CheckValue(value ?? _field.Accessor.GetValue(message), walk);
        }

        walk.Path.Pop();
    }

    private void CheckValue(object value, RuleWalk walk)
    {
        if (_disallowed && (_field.HasPresence || value is ICollection { Count: > 0 }))
        {
            walk.Report("is no longer allowed by Envoy unless its runtime says so");
        }

        if (value is not ICollection collection || value is ByteString)
        {
            _value.Check(value, walk);
            return;
        }

        _count?.Check(collection, walk);
        if (value is IDictionary map)
        {
            CheckEntries(map, walk);
        }
        else if (_value != ValueRule.None)
        {
            CheckItems((IList)collection, walk);
        }
    }

    private void CheckEntries(IDictionary map, RuleWalk walk)
    {
        if (map.Count == 0 || (_key == ValueRule.None && _value == ValueRule.None))
        {
            return;
        }

        foreach (var (text, key, value) in MapEntries.Sorted(map))
        {
            walk.Path.PushKey(text);
            _key.Check(key, walk);
            _value.Check(value, walk);
            walk.Path.Pop();
        }
    }

    private void CheckItems(IList list, RuleWalk walk)
    {
        for (var index = 0; index < list.Count; index++)
        {
            walk.Path.Push(index);
            _value.Check(list[index]!, walk);
            walk.Path.Pop();
        }
    }
}
