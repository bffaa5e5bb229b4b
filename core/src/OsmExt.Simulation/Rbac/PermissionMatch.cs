using Envoy.Config.Rbac.V3;
using Envoy.Type.Matcher.V3;
using OsmExt.Simulation.Http;
using OsmExt.Simulation.Matching;

namespace OsmExt.Simulation.Rbac;

/// <summary>The "what" of an access rule.</summary>
internal static class PermissionMatch
{
    // Where only a connection is judged, Envoy looks for headers in an empty list.
    private static readonly HttpRequest NoRequest = new("", "", "");

    public static bool Matches(Permission permission, AccessContext context) => permission.RuleCase switch
    {
        Permission.RuleOneofCase.Any => true,
        Permission.RuleOneofCase.AndRules => permission.AndRules.Rules.All(rule => Matches(rule, context)),
        Permission.RuleOneofCase.OrRules => permission.OrRules.Rules.Any(rule => Matches(rule, context)),
        Permission.RuleOneofCase.NotRule => !Matches(permission.NotRule, context),
        Permission.RuleOneofCase.Header => Header(permission.Header, context),
        Permission.RuleOneofCase.UrlPath => UrlPath(permission.UrlPath, context),
        Permission.RuleOneofCase.DestinationIp => CidrMatch.Contains(permission.DestinationIp, context.Facts.Local.Address),
        Permission.RuleOneofCase.DestinationPort => permission.DestinationPort == context.Facts.Local.Port,
        Permission.RuleOneofCase.DestinationPortRange =>
            context.Facts.Local.Port >= permission.DestinationPortRange.Start && context.Facts.Local.Port < permission.DestinationPortRange.End,
        Permission.RuleOneofCase.RequestedServerName
            => StringMatch.Matches(permission.RequestedServerName, context.Facts.ServerName, context.Release),
        _ => throw new UndecidedException("RBAC permission", $"{permission.RuleCase} is not known"),
    };

    public static bool Header(global::Envoy.Config.Route.V3.HeaderMatcher matcher, AccessContext context)
        => context.Request is { } request ? HeaderMatch.Matches(matcher, request, context.Release.ComparesHeadersOneByOneInRbac)
            : WithoutRequest(matcher);

    public static bool UrlPath(PathMatcher matcher, AccessContext context)
        => context.Request is { } request && StringMatch.Matches(matcher.Path, PathMatch.Bare(request.Path), context.Release);

    private static bool WithoutRequest(global::Envoy.Config.Route.V3.HeaderMatcher matcher)
        => matcher.Name.StartsWith(':') || matcher.Name == "host"
            ? throw new UndecidedException("network RBAC", $"a rule on {matcher.Name} without a request is not followed")
            : HeaderMatch.Matches(matcher, NoRequest, oneByOne: true);
}
