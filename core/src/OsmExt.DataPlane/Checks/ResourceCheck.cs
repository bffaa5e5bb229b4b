using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf;
using OsmExt.Envoy;

namespace OsmExt.DataPlane.Checks;

/// <summary>
/// What has to hold before a resource is acknowledged: Envoy's own rules, so that both data planes take the same, and that all it asks for is
/// carried out here.
/// </summary>
/// <param name="maxRegexProgram">How large a regular expression may become.</param>
internal sealed class ResourceCheck(int maxRegexProgram)
{
    /// <summary>Why a resource is refused, each reason with the path of its field; none when it is carried out to the letter.</summary>
    public IReadOnlyList<string> Reasons(IMessage resource)
    {
        var broken = EnvoyRules.Check(resource, maxRegexProgram);
        if (broken.Count > 0)
        {
            return [.. broken.Select(violation => violation.ToString())];
        }

        return Capabilities.Refuses(WithoutHosts(resource)) is { } refusal ? [refusal] : [];
    }

    // That hosts come by themselves is nothing whoever carries traffic sees.
    private static IMessage WithoutHosts(IMessage resource)
    {
        if (resource is not RouteConfiguration { Vhds.ConfigSource.ConfigSourceSpecifierCase: ConfigSource.ConfigSourceSpecifierOneofCase.Ads } routes)
        {
            return resource;
        }

        var inline = routes.Clone();
        inline.Vhds = null;
        return inline;
    }
}
