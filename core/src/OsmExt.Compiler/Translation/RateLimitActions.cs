using Envoy.Config.Route.V3;
using OsmExt.Sdk.Resources;
using Action = Envoy.Config.Route.V3.RateLimit.Types.Action;
using Descriptor = Envoy.Extensions.Common.Ratelimit.V3.RateLimitDescriptor;

namespace OsmExt.Compiler.Translation;

/// <summary>Descriptors, as Envoy makes them from a request, or sends them as they are.</summary>
internal static class RateLimitActions
{
    public static RateLimit Of(RateLimitDescriptor descriptor)
    {
        var limit = new RateLimit();
        limit.Actions.AddRange(descriptor.Entries.Select(Of));
        return limit;
    }

    /// <summary>For connections, which have nothing but what is written.</summary>
    public static Descriptor Fixed(RateLimitDescriptor descriptor)
    {
        var result = new Descriptor();
        result.Entries.AddRange(descriptor.Entries.OfType<GenericKeyEntry>().Select(entry => new Descriptor.Types.Entry { Key = entry.Key, Value = entry.Value }));
        return result;
    }

    private static Action Of(RateLimitEntry entry) => entry switch
    {
        GenericKeyEntry generic => new() { GenericKey = new() { DescriptorKey = generic.Key, DescriptorValue = generic.Value } },
        RequestHeaderEntry header => new() { RequestHeaders = new() { HeaderName = header.Header, DescriptorKey = header.Key } },
        HeaderMatchEntry match => new() { HeaderValueMatch = Match(match) },
        _ => new() { RemoteAddress = new() },
    };

    private static Action.Types.HeaderValueMatch Match(HeaderMatchEntry entry)
    {
        var match = new Action.Types.HeaderValueMatch { DescriptorKey = entry.Key, DescriptorValue = entry.Value, ExpectMatch = entry.ExpectMatch };
        match.Headers.AddRange(entry.Headers.Select(Condition));
        return match;
    }

    private static HeaderMatcher Condition(HeaderCondition condition) => condition.Kind switch
    {
        HeaderConditionKind.Exact => new() { Name = condition.Name, StringMatch = new() { Exact = condition.Value } },
        HeaderConditionKind.Prefix => new() { Name = condition.Name, StringMatch = new() { Prefix = condition.Value } },
        HeaderConditionKind.Suffix => new() { Name = condition.Name, StringMatch = new() { Suffix = condition.Value } },
        HeaderConditionKind.Contains => new() { Name = condition.Name, StringMatch = new() { Contains = condition.Value } },
        HeaderConditionKind.Regex => RouteMatches.Header(condition.Name, condition.Value),
        _ => new() { Name = condition.Name, PresentMatch = true, InvertMatch = condition.Value == "false" },
    };
}
