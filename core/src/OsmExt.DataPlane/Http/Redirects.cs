using System.Globalization;
using Envoy.Config.Route.V3;
using OsmExt.Simulation;
using OsmExt.Simulation.Http;
using OsmExt.Simulation.Matching;

namespace OsmExt.DataPlane.Http;

/// <summary>Where a redirect leads.</summary>
internal static class Redirects
{
    public static string Location(Route route, HttpRequest request, bool tls)
    {
        var redirect = route.Redirect;
        var before = tls ? "https" : "http";
        var scheme = redirect.HttpsRedirect ? "https" : redirect.SchemeRedirect.Length > 0 ? redirect.SchemeRedirect : before;
        var host = redirect.HostRedirect.Length > 0 ? redirect.HostRedirect : request.Authority;
        var port = redirect.PortRedirect;
        var start = HostNormalization.PortStart(host);
        if (port == 0 && start >= 0 && scheme != before && host[start..] is ":80" or ":443")
        {
            // The usual port of the one scheme is not that of the other.
            host = host[..start];
        }
        else if (port != 0)
        {
            host = string.Create(CultureInfo.InvariantCulture, $"{(start >= 0 ? host[..start] : host)}:{port}");
        }

        return $"{scheme}://{host}{Path(route, request)}";
    }

    private static string Path(Route route, HttpRequest request)
    {
        var redirect = route.Redirect;
        var bare = PathMatch.Bare(request.Path);
        var query = redirect.StripQuery ? "" : request.Path[bare.Length..];
        return redirect.PathRewriteSpecifierCase switch
        {
            RedirectAction.PathRewriteSpecifierOneofCase.PathRedirect =>
                redirect.PathRedirect.Contains('?', StringComparison.Ordinal) ? ByteText.Of(redirect.PathRedirect) : ByteText.Of(redirect.PathRedirect) + query,
            RedirectAction.PathRewriteSpecifierOneofCase.PrefixRewrite => RouteForwarding.ReplacePrefix(route, bare, redirect.PrefixRewrite) + query,
            _ => bare + query,
        };
    }
}
