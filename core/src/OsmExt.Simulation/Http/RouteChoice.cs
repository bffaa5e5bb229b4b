using Envoy.Config.Route.V3;
using Envoy.Type.V3;
using OsmExt.Simulation.Matching;

namespace OsmExt.Simulation.Http;

/// <summary>A route, and the share of equal requests that take it; no route when none matches.</summary>
internal readonly record struct RoutedShare(Route? Route, int Index, double Share);

/// <summary>
/// Finds the first route that matches. Routes that take only a fraction leave the rest to those after them; Envoy draws one
/// number for a request and compares it with every fraction, so a later route with a smaller fraction gets nothing.
/// </summary>
internal static class RouteChoice
{
    public static List<RoutedShare> Choose(VirtualHost host, HttpRequest request, bool tls)
    {
        var chosen = new List<RoutedShare>();
        var taken = 0.0;
        FractionalPercent? fraction = null;
        for (var index = 0; index < host.Routes.Count && taken < 1; index++)
        {
            var route = Understood.Check(host.Routes[index], NameOf(host, index));
            if (!Matches(route.Match, request, tls, NameOf(host, index)))
            {
                continue;
            }

            var reach = 1.0;
            if (route.Match.RuntimeFraction is { } part)
            {
                var numerator = part.DefaultValue ?? new FractionalPercent();
                reach = Math.Min(1, Share(numerator));
                RequireComparable(ref fraction, numerator, reach, route, NameOf(host, index));
            }

            if (reach > taken)
            {
                chosen.Add(new(route, index, reach - taken));
                taken = reach;
            }
        }

        if (taken < 1)
        {
            chosen.Add(new(null, -1, 1 - taken));
        }

        return chosen;
    }

    public static string NameOf(VirtualHost host, int index)
        => host.Routes[index].Name is { Length: > 0 } name ? name : $"{host.Name}#{index + 1}";

    private static bool Matches(RouteMatch match, HttpRequest request, bool tls, string element)
    {
        Understood.Check(match, element);
        return PathMatch.Matches(match, request.Path, request.Release)
            && match.Headers.All(header => HeaderMatch.Matches(header, request, request.Release.ComparesHeadersOneByOne))
            && QueryMatch.Matches(match.QueryParameters, request.Path, request.Release)
            && (match.Grpc is null || request.IsGrpc)
            && (match.TlsContext is null || MatchesTls(match.TlsContext, tls));
    }

    // Between proxies a certificate is always presented and has been validated; on a plain connection neither holds.
    private static bool MatchesTls(RouteMatch.Types.TlsContextMatchOptions options, bool tls)
        => (options.Presented is not { } presented || presented == tls) && (options.Validated is not { } validated || validated == tls);

    /// <summary>The fraction as a number; not capped at 1.</summary>
    public static double Share(FractionalPercent fraction) => fraction.Numerator / (fraction.Denominator switch
    {
        FractionalPercent.Types.DenominatorType.TenThousand => 10_000.0,
        FractionalPercent.Types.DenominatorType.Million => 1_000_000.0,
        _ => 100.0,
    });

    // The same number also picks among weighted clusters, and is taken modulo different totals.
    private static void RequireComparable(ref FractionalPercent? before, FractionalPercent fraction, double reach, Route route, string element)
    {
        if (reach is <= 0 or >= 1)
        {
            return;
        }

        if (route.Route_?.WeightedClusters is not null || (before is not null && before.Denominator != fraction.Denominator))
        {
            throw new UndecidedException(element, "a fraction of requests, combined with weights or another fraction, is not followed");
        }

        before = fraction;
    }
}
