using Envoy.Config.Accesslog.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Envoy.Config.Cluster.V3;
using Google.Protobuf;
using OsmExt.DataPlane.Observation.Logs;
using OsmExt.Envoy;

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

        return broken.Count > 0 ? [.. broken.Select(violation => violation.ToString())]
            : Capabilities.Refuses(WithoutHosts(resource)) is { } refusal ? [refusal] : [];
    }

    private IEnumerable<RuleViolation> Special(IMessage message) => message switch
    {
        AccessLog log when Refuses(log) is { } reason => [new("", reason)],
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

    // That hosts come by themselves is nothing whoever carries traffic sees.
    private static IMessage WithoutHosts(IMessage resource)
    {
        if (resource is not RouteConfiguration { Vhds: not null } routes)
        {
            return resource;
        }

        var inline = routes.Clone();
        inline.Vhds = null;
        return inline;
    }
}
