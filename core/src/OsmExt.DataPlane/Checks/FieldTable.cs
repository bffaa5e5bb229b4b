using System.Collections;
using System.Collections.Frozen;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;
using UntypedStruct = Xds.Type.V3.TypedStruct;

namespace OsmExt.DataPlane.Checks;

/// <summary>
/// Which fields of which messages are carried out. Whatever else a message sets is found, at any depth and inside packed messages: a field that
/// is overlooked in silence may be the one that keeps somebody out.
/// </summary>
internal sealed class FieldTable
{
    private const string Every = "*";
    private readonly FrozenDictionary<string, FrozenSet<string>> _fields;

    /// <param name="fields">Full names of messages, and their fields separated by blanks; <c>*</c> for all, and for all that is in them.</param>
    public FieldTable(params IReadOnlyList<(string Message, string Fields)>[] fields)
        => _fields = fields.SelectMany(part => part).ToFrozenDictionary(
            entry => entry.Message, entry => entry.Fields.Split(' ').ToFrozenSet(StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>Everything a message sets that is not carried out, with its place.</summary>
    /// <param name="message">The message.</param>
    /// <param name="special">What is asked of values beyond their being there: called for each message that is in the table.</param>
    public IReadOnlyList<RuleViolation> Check(IMessage message, Func<IMessage, IEnumerable<RuleViolation>> special)
    {
        var found = new List<RuleViolation>();
        Visit(message, new(), special, found);
        return found;
    }

    private void Visit(IMessage message, FieldPath path, Func<IMessage, IEnumerable<RuleViolation>> special, List<RuleViolation> found)
    {
        if (message is Any any)
        {
            Open(any, path, special, found);
            return;
        }

        if (!_fields.TryGetValue(message.Descriptor.FullName, out var known))
        {
            found.Add(new(path.ToString(), $"{message.Descriptor.FullName} is not carried out here"));
            return;
        }

        foreach (var violation in special(message))
        {
            var (outer, inner) = (path.ToString(), violation.Path);
            found.Add(new(outer.Length > 0 && inner.Length > 0 ? $"{outer}.{inner}" : outer + inner, violation.Message));
        }

        if (known.Contains(Every))
        {
            return;
        }

        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (IsSet(field, message, out var value))
            {
                path.Push(field.Name);
                if (!known.Contains(field.Name))
                {
                    found.Add(new(path.ToString(), $"{message.Descriptor.FullName}.{field.Name} is not carried out here"));
                }
                else if (field.FieldType == FieldType.Message)
                {
                    Descend(field, value, path, special, found);
                }

                path.Pop();
            }
        }
    }

    private void Descend(FieldDescriptor field, object value, FieldPath path, Func<IMessage, IEnumerable<RuleViolation>> special, List<RuleViolation> found)
    {
        if (field.IsMap)
        {
            foreach (var (text, _, item) in MapEntries.Sorted((IDictionary)value))
            {
                path.PushKey(text);
                VisitIfMessage(item, path, special, found);
                path.Pop();
            }
        }
        else if (field.IsRepeated)
        {
            var list = (IList)value;
            for (var index = 0; index < list.Count; index++)
            {
                path.Push(index);
                VisitIfMessage(list[index]!, path, special, found);
                path.Pop();
            }
        }
        else
        {
            VisitIfMessage(value, path, special, found);
        }
    }

    // Wrapped numbers, durations and free-form structures have no fields of their own that could be overlooked.
    private void VisitIfMessage(object value, FieldPath path, Func<IMessage, IEnumerable<RuleViolation>> special, List<RuleViolation> found)
    {
        if (value is IMessage message and (Any or not Struct) && (message is Any || message.Descriptor.File.Package != "google.protobuf"))
        {
            Visit(message, path, special, found);
        }
    }

    private void Open(Any any, FieldPath path, Func<IMessage, IEnumerable<RuleViolation>> special, List<RuleViolation> found)
    {
        switch (EnvoyTypes.Unpack(any))
        {
            case null:
                found.Add(new(path.ToString(), $"{TypeUrls.NameOf(any.TypeUrl)} is not carried out here"));
                break;
            case UntypedStruct untyped when !_fields.ContainsKey(TypeUrls.NameOf(untyped.TypeUrl)):
                found.Add(new(path.ToString(), $"{TypeUrls.NameOf(untyped.TypeUrl)} is not carried out here"));
                break;
            case UntypedStruct:
                // Free form: whoever reads it has looked at it.
                break;
            case var message:
                Visit(message, path, special, found);
                break;
        }
    }

    private static bool IsSet(FieldDescriptor field, IMessage message, out object value)
    {
        value = field.Accessor.GetValue(message);
        return field.IsMap || field.IsRepeated ? ((ICollection)value).Count > 0
            : field.HasPresence ? field.Accessor.HasValue(message)
            : value switch
            {
                string text => text.Length > 0,
                ByteString bytes => !bytes.IsEmpty,
                bool flag => flag,
                System.Enum number => (int)(object)number != 0,
                _ => Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture) != 0,
            };
    }
}
