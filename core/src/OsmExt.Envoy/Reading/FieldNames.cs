using System.Runtime.CompilerServices;
using Google.Protobuf.Reflection;

namespace OsmExt.Envoy.Reading;

/// <summary>Fields by the names they may be written with: the proto name and its camelCase twin.</summary>
internal static class FieldNames
{
    // Weak, so that the types of an unloaded plugin can go.
    private static readonly ConditionalWeakTable<MessageDescriptor, Dictionary<string, FieldDescriptor>> Tables = [];

    public static IReadOnlyDictionary<string, FieldDescriptor> Of(MessageDescriptor type) => Tables.GetValue(type, Build);

    private static Dictionary<string, FieldDescriptor> Build(MessageDescriptor type)
    {
        var table = new Dictionary<string, FieldDescriptor>(StringComparer.Ordinal);
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            table[field.JsonName] = field;
        }

        foreach (var field in type.Fields.InDeclarationOrder())
        {
            table[field.Name] = field;
        }

        return table;
    }
}
