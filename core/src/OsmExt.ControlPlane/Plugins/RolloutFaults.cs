using OsmExt.ControlPlane.Pipeline;
using OsmExt.PluginHost.Rollout;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.ControlPlane.Plugins;

/// <summary>What goes wrong with a new version and does not with the one before it.</summary>
internal static class RolloutFaults
{
    /// <summary>The first of it in words; null when all is well, as far as it is known.</summary>
    public static string? Of(Rollout rollout, IEnumerable<LiveScope> connected, StagedContributions contributions)
    {
        if (rollout.Load.Plugin!.Breaker.Reason is { } reason && rollout.Before.Breaker.Reason is null)
        {
            return reason;
        }

        var (without, with) = (contributions.InForce, contributions.Only(rollout.Id));
        var known = without.Diagnostics.Where(IsFailure).Select(Subject).ToHashSet();
        if (with.Diagnostics.FirstOrDefault(finding => IsFailure(finding) && !known.Contains(Subject(finding))) is { } failure)
        {
            return $"{failure.Object}: {failure.Message}";
        }

        foreach (var scope in connected.Select(live => live.Scope).Where(contributions.Reaches(rollout.Id)))
        {
            var (before, now) = (without.For(scope), with.For(scope));
            var refused = before.LeftOut.Select(left => left.Item.Content).ToHashSet(StringComparer.Ordinal);
            if (now.LeftOut.FirstOrDefault(left => left is { Entry.IsTrial: false } && left.Item.Plugin == rollout.Id && !refused.Contains(left.Item.Content)) is { } left)
            {
                return $"{left.Entry.Refusal.Proxy} refused {left.Entry.Refusal.Resource} (\"{left.Entry.Refusal.Message}\")";
            }

            if (now.Held is { } held && before.Held is null)
            {
                return $"proxies of {scope.Identity} would be held: {held}";
            }
        }

        return null;
    }

    private static bool IsFailure(Diagnostic finding) => finding.Severity == Severity.Error;

    private static (string, Sdk.Resources.ResourceKey?) Subject(Diagnostic finding) => (finding.Code, finding.Object);
}
