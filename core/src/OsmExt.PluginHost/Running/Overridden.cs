using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Running;

/// <summary>Says which objects do not count everywhere they are for: more specific ones do, or less specific ones are locked.</summary>
internal static class Overridden
{
    private const int Named = 3;

    /// <summary>Who gives way to more specific ones; a note, since that is how it is meant to be used.</summary>
    public static IEnumerable<Diagnostic> Of(IEnumerable<(ContributionSlot Slot, Contribution Contribution)> placed)
        => placed.Where(item => item is { Slot.Merge: MergeRule.Override, Contribution.Origin: not null }).GroupBy(item => item.Slot.Name, StringComparer.Ordinal)
            .SelectMany(slot => Pairs([.. slot.Select(item => item.Contribution)])).GroupBy(pair => pair.Wide.Origin)
            .Select(pairs => Note(pairs.Key!.Value, [.. pairs.Select(pair => (pair.Nearer.Origin!.Value, pair.Nearer.Target)).Distinct().OrderBy(nearer => nearer.Value).ThenBy(nearer => nearer.Target.ToString(), StringComparer.Ordinal)]));

    /// <summary>Who does not count since a less specific one is locked.</summary>
    /// <param name="sorted">What is contributed to one scope, in the order of places.</param>
    public static IEnumerable<Diagnostic> ByLocks(IReadOnlyList<PlacedContribution> sorted)
        => from locked in sorted
           where locked.IsLocked
           from other in sorted
           where other.Rank == locked.Rank && Narrows(locked.Target, other.Target)
           select new Diagnostic(DiagnosticCodes.Overridden, Severity.Warning, other.Subject, "spec.targetRef",
               $"Plugin {other.Plugin}, {other.Slot.Name}: {locked.Origin?.ToString() ?? "what the plugin says"} is locked for {locked.Target}, so {other.Origin?.ToString() ?? "what it says"} does not count there for {other.Target}",
               "Remove it, or have the lock removed by whoever is responsible for the other");

    private static IEnumerable<(Contribution Wide, Contribution Nearer)> Pairs(Contribution[] slot)
    {
        var byNamespace = slot.ToLookup(NamespaceOf, StringComparer.Ordinal);
        return from wide in slot
               where !wide.IsLocked
               from nearer in NamespaceOf(wide) is { } ns ? byNamespace[ns] : slot
               where Narrows(wide.Target, nearer.Target) && wide.Origin != nearer.Origin
               select (wide, nearer);
    }

    private static string? NamespaceOf(Contribution contribution) => contribution.Target.Service?.Namespace ?? contribution.Target.Namespace;

    private static Diagnostic Note(ResourceKey about, (ResourceKey Origin, ContributionTarget Target)[] nearer)
        => new(DiagnosticCodes.Overridden, Severity.Info, about, "spec.targetRef",
            $"More specific objects count instead of it where they are for the same traffic: {string.Join(", ", nearer.Take(Named).Select(item => $"{item.Origin} for {item.Target}"))}"
                + (nearer.Length > Named ? $", and {nearer.Length - Named} more" : ""),
            "Write lock: true into its spec if none may");

    // Whether the other is more specific, and may be for some of the same traffic.
    private static bool Narrows(ContributionTarget wide, ContributionTarget other)
        => other.Specificity > wide.Specificity && (wide.Service is null || other.Service is null || wide.Service == other.Service)
            && (wide.Port is null || other.Port is null || wide.Port == other.Port)
            && (wide.ServiceAccount is null || other.ServiceAccount is null || string.Equals(wide.ServiceAccount, other.ServiceAccount, StringComparison.Ordinal));
}
