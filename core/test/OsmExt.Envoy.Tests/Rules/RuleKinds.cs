using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Validate;

namespace OsmExt.Envoy.Tests.Rules;

/// <summary>The kinds of rules that the API's options use, read from the options without the checker's help.</summary>
internal static class RuleKinds
{
    /// <summary>For example <c>string.min_len</c>; rules for the items of a list are named like those for a single value.</summary>
    public static IReadOnlySet<string> Used()
    {
        var kinds = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in EnvoyTypes.All)
        {
            if (type.Oneofs.Any(oneof => oneof.GetOptions()?.GetExtension(ValidateExtensions.Required) == true))
            {
                kinds.Add("oneof.required");
            }

            foreach (var field in type.Fields.InDeclarationOrder())
            {
                if (field.GetOptions()?.GetExtension(ValidateExtensions.Rules) is { } rules)
                {
                    AddSet(rules, "", kinds);
                }
            }
        }

        return kinds;
    }

    private static void AddSet(IMessage rules, string group, SortedSet<string> kinds)
    {
        foreach (var field in rules.Descriptor.Fields.InDeclarationOrder())
        {
            var value = field.Accessor.GetValue(rules);
            if (field.IsRepeated ? ((IList)value).Count == 0 : !field.Accessor.HasValue(rules))
            {
                continue;
            }

            if (group.Length > 0)
            {
                kinds.Add($"{group}.{field.Name}");
            }

            if (!field.IsRepeated && field.FieldType == FieldType.Message && field.MessageType.File.Name == "validate/validate.proto")
            {
                // FieldRules itself is no group: it stands for the value it is about.
                AddSet((IMessage)value, field.MessageType.Name == "FieldRules" ? "" : field.Name, kinds);
            }
        }
    }
}
