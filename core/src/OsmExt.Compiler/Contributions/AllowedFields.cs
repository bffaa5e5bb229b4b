using System.Collections;
using System.Collections.Frozen;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OsmExt.Compiler.Contributions;

/// <summary>The fields of some messages that plugins may set. Messages that are not among them may have any.</summary>
internal sealed class AllowedFields(IReadOnlyDictionary<MessageDescriptor, string> fields)
{
    private readonly FrozenDictionary<MessageDescriptor, FrozenSet<string>> _fields = fields.ToFrozenDictionary(entry => entry.Key, entry => entry.Value.Split(' ').ToFrozenSet(StringComparer.Ordinal));

    /// <summary>The path of the first field that is set and not among them, wherever it is; null when there is none.</summary>
    public string? Other(IMessage message) => Other(message, "");

    private string? Other(IMessage message, string path)
    {
        var known = _fields.GetValueOrDefault(message.Descriptor);
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            var (value, at) = (field.Accessor.GetValue(message), path.Length == 0 ? field.Name : $"{path}.{field.Name}");
            if (!IsSet(message, field, value))
            {
                continue;
            }

            if (known?.Contains(field.Name) == false)
            {
                return at;
            }

            // What is packed is looked at by others.
            var inner = field.IsMap ? [] : value is IList list ? list.OfType<IMessage>().Select((entry, index) => (entry, $"{at}[{index}]")) : value is IMessage one ? [(one, at)] : [];
            if (inner.Select(entry => Other(entry.Item1, entry.Item2)).FirstOrDefault(found => found is not null) is { } deeper)
            {
                return deeper;
            }
        }

        return null;
    }

    private static bool IsSet(IMessage message, FieldDescriptor field, object? value) => value switch
    {
        null => false,
        ICollection entries => entries.Count > 0,
        _ when field.HasPresence => field.Accessor.HasValue(message),
        string text => text.Length > 0,
        ByteString bytes => bytes.Length > 0,
        _ => !value.Equals(Activator.CreateInstance(value.GetType())),
    };
}
