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
        var (server, who, refusal) = Consider(filter, special, where, name, proxy, context, took);
        if (server is null)
        {
            return refusal;
        }

        if (filter.FailureModeAllow && server.MaxReceiveMessageLength is > 0 and < ShortestRefusal)
        {
            took("external authorization", name, $"asks {who}, whose refusals are not taken");
            return null;
        }

        switch (context.Request!.Authorizer)
        {
            case AuthorizerAnswer.Allow:
                took("external authorization", name, $"asks {who}, which is taken to allow it");
                return null;
            case AuthorizerAnswer.Deny:
                took("external authorization", name, $"{who} is taken to deny it");
                return Reply.Of(403, $"{name}: {who} is taken to deny it");
            default:
                throw new UndecidedException($"external authorization {name}", $"{who} decides");
        }
    }

    /// <summary>Whom the filter asks; nobody when it lets pass or refuses without asking.</summary>
    public static Consideration Consider(ExtAuthz filter, ExtAuthzPerRoute? special, string where, string name, ProxyConfiguration proxy,
        AccessContext context, Action<string, string, string>? took)
    {
        var element = $"external authorization {name}";
        Understood.Check(filter, element);
        if (special is not null && Understood.Check(special, element) is { Disabled: true })
        {
            took?.Invoke("external authorization", name, $"{where} turns it off");
            return default;
        }

        if (special?.CheckSettings is { } settings)
        {
            Understood.Check(settings, element);
        }

        if (IsOff(filter, element))
        {
            took?.Invoke("external authorization", name, "asks nobody");
            return default;
        }

        if (filter.GrpcService?.EnvoyGrpc is not { } server)
        {
            throw new UndecidedException(element, "only gRPC servers behind clusters are followed");
        }

        var who = $"the authorization server of cluster {server.ClusterName}";
        if (Unreachable(proxy, server.ClusterName, context) is not { } problem)
        {
            return new(server, who, null);
        }

        took?.Invoke("external authorization", name, $"cannot ask {who}, as {problem}{(filter.FailureModeAllow ? ", and lets pass then" : "")}");
        return new(null, who, filter.FailureModeAllow ? null
            : Reply.Of(filter.StatusOnError is { } status ? (int)status.Code : 403, $"{name}: cannot ask {who}, as {problem}"));
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

/// <summary>What an external authorization filter does before anybody is asked.</summary>
/// <param name="Server">Whom it asks; null for nobody.</param>
/// <param name="Who">In words.</param>
/// <param name="Refusal">Why it refuses without asking; null when it does not.</param>
internal readonly record struct Consideration(global::Envoy.Config.Core.V3.GrpcService.Types.EnvoyGrpc? Server, string Who, Reply? Refusal);
