using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
using OsmExt.Compiler.Policy;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Running;

/// <summary>Looks up which requests targets mean.</summary>
internal sealed class RouteTargets(ResourceSnapshot snapshot)
{
    private const string Field = "spec.targetRef";

    /// <summary>The requests; none with a reason when there are none.</summary>
    /// <param name="plugin">Whose contribution it is.</param>
    /// <param name="contribution">The contribution, whose target names a route.</param>
    public RequestedRoutes Of(string plugin, Contribution contribution)
    {
        var route = contribution.Target.Route!;
        if (snapshot.Find<HttpRouteGroup>(route.Key) is not { } group)
        {
            return Nothing(DiagnosticCodes.MatchesNothing, Severity.Warning, $"There is no {route.Key}", $"Create it, or correct {Field}.name", isBroken: false);
        }

        // Of several matches with one name the last counts, as it does for access rules.
        var meant = group.Matches.Select((match, index) => (match, index)).GroupBy(entry => entry.match.Name, StringComparer.Ordinal).Select(named => named.Last())
            .Where(entry => route.Match.Length == 0 || string.Equals(entry.match.Name, route.Match, StringComparison.Ordinal)).ToArray();
        if (meant.Length == 0)
        {
            return Nothing(DiagnosticCodes.MatchesNothing, Severity.Warning, $"{route.Key} has no match {route.Match}".TrimEnd(), $"Correct {Field}.sectionName, or add the match", isBroken: false);
        }

        var bag = new DiagnosticBag(snapshot);
        var matches = meant.Select(entry => HttpMatches.Of(group, entry.match, entry.index, bag)).ToArray();
        return matches.Any(match => match is null || Re2.Check(RouteMatches.WithQuery(match.PathRegex), BootstrapConfig.MaxRegexProgram) is not null)
            ? Nothing(DiagnosticCodes.DanglingReference, Severity.Error, $"{route} cannot be carried out, so what this object says of it has no effect", "Mend the match", isBroken: true)
            : new([.. matches.OfType<HttpRouteMatch>().Distinct()], null, false);

        RequestedRoutes Nothing(string code, Severity severity, string message, string advice, bool isBroken)
            => new([], new(code, severity, contribution.Origin ?? PlacedContribution.PluginKey(plugin), Field, message, advice), isBroken);
    }
}

/// <summary>The requests that a target means.</summary>
/// <param name="Matches">Conditions on them; of any of these one is enough.</param>
/// <param name="Finding">Why there are none.</param>
/// <param name="IsBroken">Whether that is since what is written cannot be carried out.</param>
internal sealed record RequestedRoutes(EquatableArray<HttpRouteMatch> Matches, Diagnostic? Finding, bool IsBroken);
