using Envoy.Config.Accesslog.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Cluster.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using OsmExt.DataPlane.Observation.Logs;
using OsmExt.DataPlane.Tls;
using OsmExt.Envoy;
using LbPolicy = Envoy.Config.Cluster.V3.Cluster.Types.LbPolicy;

namespace OsmExt.DataPlane.Checks;

/// <summary>
/// What has to hold before a resource is acknowledged: Envoy's own rules, so that both data planes take the same, and that all it asks for is
/// carried out here.
/// </summary>
/// <param name="maxRegexProgram">How large a regular expression may become.</param>
/// <param name="loggers">Says of an access log whether it is carried out.</param>
internal sealed class ResourceCheck(int maxRegexProgram, AccessLoggers loggers)
{
    private static readonly FieldTable Fields = new(ListenerFields.All, RouteFields.All, ClusterFields.All);

    /// <summary>Why a resource is refused, each reason with the path of its field; none when it is carried out to the letter.</summary>
    public IReadOnlyList<string> Reasons(IMessage resource)
    {
        var broken = EnvoyRules.Check(resource, maxRegexProgram);
        if (broken.Count == 0)
        {
            broken = Fields.Check(resource, Special);
        }

        return [.. broken.Select(violation => violation.ToString())];
    }

    private IEnumerable<RuleViolation> Special(IMessage message) => message switch
    {
        AccessLog log when Refuses(log) is { } reason => [new("", reason)],
        HeaderValueOption option when Refuses(option) is { } reason => [new("header", $"{reason}, which is not carried out here")],
        TlsParameters parameters when TlsSettings.UnknownSuite(parameters) is { } suite => [new("cipher_suites", $"the cipher suite {suite} is not carried out here")],
        Cluster { LbPolicy: not (LbPolicy.RoundRobin or LbPolicy.LeastRequest or LbPolicy.RingHash or LbPolicy.Random or LbPolicy.ClusterProvided) } cluster
            => [new("lb_policy", $"{cluster.LbPolicy} is not carried out here")],
        Cluster { ClusterDiscoveryTypeCase: Cluster.ClusterDiscoveryTypeOneofCase.ClusterType } => [new("cluster_type", "is not carried out here")],
        ConfigSource { ConfigSourceSpecifierCase: not ConfigSource.ConfigSourceSpecifierOneofCase.Ads } => [new("", "only ads is carried out here")],
        _ => [],
    };

    private string? Refuses(AccessLog log)
    {
        try
        {
            loggers.Of(log);
            return null;
        }
        catch (FormatException failure)
        {
            return failure.Message;
        }
    }

    private static string? Refuses(HeaderValueOption option) => option.Header switch
    {
        { } header when header.Value.Replace("%%", "", StringComparison.Ordinal).Contains('%', StringComparison.Ordinal) => $"the value {header.Value} holds a command",
        { } header when header.Key.StartsWith(':') || header.Key.Equals("host", StringComparison.OrdinalIgnoreCase) => $"{header.Key} is no ordinary header",
        _ => null,
    };
}
