using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Plugin.RateLimit;

/// <summary>
/// Turns RequestLimits into Envoy's local rate limits. Where several objects limit one target the strictest counts, which takes
/// arithmetic and so code; a template alone would leave it to names.
/// </summary>
public sealed class RateLimitPlugin : IPlugin
{
    /// <inheritdoc/>
    public PluginOutput Contribute(PluginInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var contributions = new List<Contribution>();
        var findings = new List<Diagnostic>();
        foreach (var target in input.Resources.GroupBy(resource => resource.TargetIn(input.OsmNamespace)))
        {
            var limits = target.Select(resource => (Resource: resource, Limit: resource.Spec.As<RequestLimit>()!))
                .OrderBy(entry => entry.Limit.PerSecond).ThenBy(entry => entry.Resource.Key).ToArray();
            contributions.Add(new("limit", target.Key) { Model = limits[0].Limit.Bucket(), Origin = limits[0].Resource.Key, IsLocked = target.Any(resource => resource.IsLocked) });
            findings.AddRange(limits[1..].Select(looser => new Diagnostic(
                DiagnosticCodes.ContributionConflict, Severity.Warning, looser.Resource.Key, "spec.requests",
                $"{limits[0].Resource.Key} limits {target.Key} more strictly, so this limit has no effect", "Remove one of them")));
        }

        return new() { Contributions = [.. contributions], Diagnostics = [.. findings] };
    }
}
