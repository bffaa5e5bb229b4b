using Envoy.Extensions.Filters.Http.ExtAuthz.V3;
using OsmExt.Simulation.Rbac;
using OsmExt.Simulation.Upstream;
using PercentKind = Envoy.Type.V3.FractionalPercent.Types.DenominatorType;

namespace OsmExt.Simulation.Http;

/// <summary>
/// A filter that asks an authorization server. What the server answers is not known here, so the request is undecided unless an answer is
/// assumed, the server cannot be reached, or its answer cannot change anything.
/// </summary>
internal static class ExternalAuthorization
{
    // An answer that refuses carries a status with a code, which takes this many bytes at least.
    private const uint ShortestRefusal = 4;

    /// <summary>The reply of the filter when it stops the request; null when the request goes on.</summary>
    public static Reply? Judge(ExtAuthz filter, ExtAuthzPerRoute? special, string where, string name, ProxyConfiguration proxy, AccessContext context,
        Action<string, string, string> took)
    {
        var element = $"external authorization {name}";
        Understood.Check(filter, element);
        if (special is not null && Understood.Check(special, element) is { Disabled: true })
        {
            return Pass($"{where} turns it off");
        }

        if (special?.CheckSettings is { } settings)
        {
            Understood.Check(settings, element);
        }

        if (IsOff(filter, element))
        {
            return Pass("asks nobody");
        }

        if (filter.GrpcService?.EnvoyGrpc is not { } server)
        {
            throw new UndecidedException(element, "only gRPC servers behind clusters are followed");
        }

        var who = $"the authorization server of cluster {server.ClusterName}";
        if (Unreachable(proxy, server.ClusterName, context) is { } problem)
        {
            return filter.FailureModeAllow ? Pass($"cannot ask {who}, as {problem}, and lets pass then")
                : Deny(filter.StatusOnError is { } status ? (int)status.Code : 403, $"cannot ask {who}, as {problem}");
        }

        if (filter.FailureModeAllow && server.MaxReceiveMessageLength is > 0 and < ShortestRefusal)
        {
            return Pass($"asks {who}, whose refusals are not taken");
        }

        return context.Request!.Authorizer switch
        {
            AuthorizerAnswer.Allow => Pass($"asks {who}, which is taken to allow it"),
            AuthorizerAnswer.Deny => Deny(403, $"{who} is taken to deny it"),
            _ => throw new UndecidedException(element, $"{who} decides"),
        };

        Reply? Pass(string effect)
        {
            took("external authorization", name, effect);
            return null;
        }

        Reply Deny(int status, string reason)
        {
            took("external authorization", name, reason);
            return Reply.Of(status, $"{name}: {reason}");
        }
    }

    private static bool IsOff(ExtAuthz filter, string element) => filter.FilterEnabled switch
    {
        null => false,
        { RuntimeKey.Length: 0, DefaultValue: { } share } when share.Numerator == 0 => true,
        { RuntimeKey.Length: 0, DefaultValue: { Denominator: PercentKind.Hundred, Numerator: >= 100 } } => false,
        _ => throw new UndecidedException(element, "it asks about some requests only"),
    };

    private static string? Unreachable(ProxyConfiguration proxy, string name, AccessContext context)
        => proxy.Cluster(name) is not { } cluster ? "that does not exist"
            : EndpointChoice.IsEmpty(proxy, cluster) ? "it has no endpoints"
            : null;
}
