using System.Runtime.CompilerServices;
using Google.Protobuf.Reflection;
using Udpa.Annotations;

namespace OsmExt.Envoy;

/// <summary>The fields that Envoy's API marks as holding secrets; nothing in them may be shown.</summary>
internal static class SensitiveFields
{
    // Reading a field's options copies them. Weak, so that the types of an unloaded plugin can go.
    private static readonly ConditionalWeakTable<FieldDescriptor, StrongBox<bool>> Marks = [];

    public static bool Has(FieldDescriptor field)
        => Marks.GetValue(field, static key => new(key.GetOptions()?.GetExtension(SensitiveExtensions.Sensitive) == true)).Value;
}
