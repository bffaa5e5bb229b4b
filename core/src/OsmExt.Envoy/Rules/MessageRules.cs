using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Validate;

namespace OsmExt.Envoy.Rules;

/// <summary>Everything to check about messages of one type, worked out once from its descriptor.</summary>
internal sealed class MessageRules
{
    // Weak, so that the types of an unloaded plugin can go.
    private static readonly ConditionalWeakTable<MessageDescriptor, MessageRules> Plans = [];

    private readonly FieldRule[] _fields;
    private readonly OneofRule[] _oneofs;

    private MessageRules(MessageDescriptor type)
    {
        // Most messages of Google's own are values, not structures to walk.
        var walked = type.File.Package != "google.protobuf" && type.GetOptions()?.GetExtension(ValidateExtensions.Disabled) != true;
        var fields = walked ? type.Fields.InDeclarationOrder() : [];
        _fields = [.. fields.Where(field => field.RealContainingOneof is null).Select(FieldRule.For).OfType<FieldRule>()];
        _oneofs = [.. type.Oneofs.Where(oneof => walked && !oneof.IsSynthetic).Select(oneof => new OneofRule(oneof))];
    }

    public static MessageRules For(MessageDescriptor type) => Plans.GetValue(type, static key => new(key));

    public void Check(IMessage message, RuleWalk walk)
    {
        foreach (var field in _fields)
        {
            field.Check(message, walk);
        }

        foreach (var oneof in _oneofs)
        {
            oneof.Check(message, walk);
        }
    }
}
