using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Envoy.Reading;

/// <summary>Walks a YAML tree along a message's descriptor.</summary>
internal sealed class MessageReader
{
    private readonly ReadContext _context;
    private readonly ScalarReader _scalars;
    private readonly WellKnownReader _wellKnown;
    private readonly AnyReader _any;

    public MessageReader(ReadContext context)
    {
        _context = context;
        _scalars = new(context);
        _wellKnown = new(context);
        _any = new(context, this);
    }

    public IReadOnlyList<ReadProblem> Problems => _context.Problems;

    /// <summary>A message of the type, complete unless something was reported; null when there is nothing to give.</summary>
    public IMessage? Read(YamlNode node, MessageDescriptor type, YamlNode? ignoredKey = null)
    {
        if (!_context.Visit(node))
        {
            return null;
        }

        if (WellKnownReader.IsWrapper(type))
        {
            return ReadWrapper(node, type);
        }

        if (WellKnownReader.Knows(type))
        {
            return _wellKnown.Read(node, type);
        }

        if (node is not YamlMappingNode mapping)
        {
            _context.Report(node, $"expected a mapping ({type.FullName}), found {_context.Describe(node)}");
            return null;
        }

        if (!_context.Enter(node))
        {
            return null;
        }

        var message = AnyReader.Knows(type) ? _any.Read(mapping) : ReadFields(mapping, type, ignoredKey);
        _context.Leave();
        return message;
    }

    private IMessage ReadFields(YamlMappingNode mapping, MessageDescriptor type, YamlNode? ignoredKey)
    {
        var message = type.Parser.ParseFrom([]);
        var written = new FieldsWritten(type);
        foreach (var (key, value) in mapping.Children)
        {
            if (ReferenceEquals(key, ignoredKey))
            {
                continue;
            }

            var name = ((YamlScalarNode)key).Value ?? "";
            if (!FieldNames.Of(type).TryGetValue(name, out var field))
            {
                ReportUnknown(key, name, type);
                continue;
            }

            if (written.Conflict(field, name, isNull: IsUnset(value, field)) is { } conflict)
            {
                _context.ReportField(name, key, conflict);
                continue;
            }

            _context.EnterField(field, name);
            ReadField(message, field, value);
            _context.LeaveField();
        }

        return message;
    }

    private void ReportUnknown(YamlNode key, string name, MessageDescriptor type)
    {
        var suggestion = Suggestion.Closest(name, FieldNames.Of(type).Keys.Order(StringComparer.Ordinal));
        _context.ReportField(name, key, $"unknown field {YamlScalar.Quote(name)} in {type.FullName}", suggestion);
    }

    private void ReadField(IMessage message, FieldDescriptor field, YamlNode node)
    {
        if (IsUnset(node, field))
        {
            // JSON's null means "not set".
        }
        else if (field.IsMap)
        {
            ReadMap((IDictionary)field.Accessor.GetValue(message), field, node);
        }
        else if (field.IsRepeated)
        {
            ReadList((IList)field.Accessor.GetValue(message), field, node);
        }
        else if (ReadSingle(node, field) is { } value)
        {
            field.Accessor.SetValue(message, value);
        }
    }

    private void ReadList(IList list, FieldDescriptor field, YamlNode node)
    {
        if (node is not YamlSequenceNode sequence)
        {
            _context.Report(node, $"expected a list, found {_context.Describe(node)}");
            return;
        }

        for (var index = 0; index < sequence.Children.Count; index++)
        {
            _context.Path.Push(index);
            if (ReadElement(sequence.Children[index], field) is { } value)
            {
                list.Add(value);
            }

            _context.Path.Pop();
        }
    }

    private void ReadMap(IDictionary map, FieldDescriptor field, YamlNode node)
    {
        if (node is not YamlMappingNode mapping)
        {
            _context.Report(node, $"expected a mapping, found {_context.Describe(node)}");
            return;
        }

        var keyField = field.MessageType.FindFieldByNumber(1);
        var valueField = field.MessageType.FindFieldByNumber(2);
        foreach (var (keyNode, valueNode) in mapping.Children)
        {
            var scalar = (YamlScalarNode)keyNode;
            _context.Path.PushKey(scalar.Value ?? "");
            var key = _scalars.ReadKey(scalar, keyField);
            var value = ReadElement(valueNode, valueField);
            if (key is not null && map.Contains(key))
            {
                _context.Report(keyNode, "the same key is written twice");
            }
            else if (key is not null && value is not null)
            {
                map.Add(key, value);
            }

            _context.Path.Pop();
        }
    }

    private object? ReadElement(YamlNode node, FieldDescriptor field)
    {
        if (!IsUnset(node, field))
        {
            return ReadSingle(node, field);
        }

        _context.Report(node, "expected a value, found null");
        return null;
    }

    private object? ReadSingle(YamlNode node, FieldDescriptor field)
    {
        if (field.FieldType != FieldType.Message)
        {
            return _context.Visit(node) ? _scalars.Read(node, field) : null;
        }

        // A wrapper's field holds the wrapped value itself.
        return WellKnownReader.IsWrapper(field.MessageType)
            ? _context.Visit(node) ? _scalars.Read(node, field.MessageType.FindFieldByNumber(1)) : null
            : Read(node, field.MessageType);
    }

    private IMessage? ReadWrapper(YamlNode node, MessageDescriptor type)
    {
        var field = type.FindFieldByNumber(1);
        if (_scalars.Read(node, field) is not { } value)
        {
            return null;
        }

        var wrapper = type.Parser.ParseFrom([]);
        field.Accessor.SetValue(wrapper, value);
        return wrapper;
    }

    private static bool IsUnset(YamlNode node, FieldDescriptor field) => YamlScalar.IsNull(node)
        && !(field.FieldType == FieldType.Message && field.MessageType.FullName == "google.protobuf.Value" && !field.IsRepeated)
        && !(field.FieldType == FieldType.Enum && field.EnumType.FullName == "google.protobuf.NullValue");
}
