using Google.Protobuf.Reflection;

namespace OsmExt.Envoy.Reading;

/// <summary>The fields of one message that were written, to find those written twice or against each other.</summary>
internal sealed class FieldsWritten(MessageDescriptor type)
{
    private readonly string?[] _names = new string?[type.Fields.InDeclarationOrder().Count];
    private readonly FieldDescriptor?[] _cases = type.Oneofs.Count == 0 ? [] : new FieldDescriptor?[type.Oneofs.Count];

    /// <summary>Why the field may not be written here, or null.</summary>
    public string? Conflict(FieldDescriptor field, string name, bool isNull)
    {
        if (_names[field.Index] is { } earlier)
        {
            return string.Equals(earlier, name, StringComparison.Ordinal)
                ? $"'{name}' is written twice"
                : $"'{earlier}' and '{name}' are the same field; write it once";
        }

        _names[field.Index] = name;
        if (isNull || field.RealContainingOneof is not { } oneof)
        {
            return null;
        }

        if (_cases[oneof.Index] is { } other)
        {
            return $"'{_names[other.Index]}' and '{name}' are alternatives of '{oneof.Name}'; set only one";
        }

        _cases[oneof.Index] = field;
        return null;
    }
}
