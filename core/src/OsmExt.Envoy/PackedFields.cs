using System.Collections;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace OsmExt.Envoy;

/// <summary>The fields of a message under which an Any can stand. Most of a message has none, and is not walked.</summary>
internal static class PackedFields
{
    private static readonly ConditionalWeakTable<MessageDescriptor, FieldDescriptor[]> Tables = [];

    /// <summary>Visits every message that is, or may hold, an Any; the path follows.</summary>
    public static void Visit(IMessage message, FieldPath path, Action<IMessage> visit)
    {
        foreach (var field in Tables.GetValue(message.Descriptor, Build))
        {
            var value = field.Accessor.GetValue(message);
            if (value is null)
            {
                continue;
            }

            path.Push(field.Name);
            switch (value)
            {
                case IDictionary map:
                    foreach (var (text, _, item) in MapEntries.Sorted(map))
                    {
                        path.PushKey(text);
                        visit((IMessage)item);
                        path.Pop();
                    }

                    break;
                case IList list:
                    for (var index = 0; index < list.Count; index++)
                    {
                        path.Push(index);
                        visit((IMessage)list[index]!);
                        path.Pop();
                    }

                    break;
                default:
                    visit((IMessage)value);
                    break;
            }

            path.Pop();
        }
    }

    private static FieldDescriptor[] Build(MessageDescriptor type) => [.. type.Fields.InDeclarationOrder().Where(field => Reaches(field, []))];

    private static bool Reaches(FieldDescriptor field, HashSet<MessageDescriptor> seen)
    {
        if (field.FieldType != FieldType.Message)
        {
            return false;
        }

        // A map's entry is a message of key and value, so this goes through maps as well.
        var type = field.MessageType;
        return ReferenceEquals(type, Any.Descriptor) || (seen.Add(type) && type.Fields.InDeclarationOrder().Any(next => Reaches(next, seen)));
    }
}
