using Google.Protobuf;
using Google.Protobuf.Reflection;
using Validate;

namespace OsmExt.Envoy.Rules;

/// <summary>A choice of fields: the one that is set is checked; if none is, that may itself be wrong.</summary>
internal sealed class OneofRule
{
    private readonly OneofDescriptor _oneof;
    private readonly Dictionary<FieldDescriptor, FieldRule?> _cases;
    private readonly string? _missing;

    public OneofRule(OneofDescriptor oneof)
    {
        _oneof = oneof;
        _cases = oneof.Fields.ToDictionary(field => field, FieldRule.For);
        if (oneof.GetOptions()?.GetExtension(ValidateExtensions.Required) == true)
        {
            _missing = $"must set one of {string.Join(", ", oneof.Fields.Select(field => field.Name))}";
        }
    }

    public void Check(IMessage message, RuleWalk walk)
    {
        if (_oneof.Accessor.GetCaseFieldDescriptor(message) is { } set)
        {
            _cases[set]?.Check(message, walk);
        }
        else if (_missing is not null)
        {
            walk.Report(_missing);
        }
    }
}
