using System.Text.RegularExpressions;
using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;
using OsmExt.Yaml;

namespace OsmExt.PluginHost.Running;

/// <summary>What a plugin says of its objects' status, as far as it may be said.</summary>
internal static partial class StatedConditions
{
    private const int Most = 8;
    private const int Longest = 1024;

    public static IEnumerable<PluginCondition> Usable(
        string plugin, EquatableArray<PluginCondition> stated, EquatableArray<PluginResource> objects, Action<Diagnostic> report)
    {
        var own = objects.Select(resource => resource.Key).ToHashSet();
        var usable = new List<PluginCondition>();
        // The order in which a plugin says things means nothing.
        foreach (var condition in stated.OrderBy(condition => condition.Object).ThenBy(condition => condition.Type, StringComparer.Ordinal)
            .ThenBy(condition => condition.Holds).ThenBy(condition => condition.Reason, StringComparer.Ordinal).ThenBy(condition => condition.Message, StringComparer.Ordinal))
        {
            if (Problem(condition) is { } problem)
            {
                report(new(DiagnosticCodes.ContributionRefused, Severity.Warning, PlacedContribution.PluginKey(plugin), "",
                    $"What it says of the status of {condition.Object} is left out: {problem}", "Mend the plugin"));
            }
            else
            {
                usable.Add(condition);
            }
        }

        return usable;

        string? Problem(PluginCondition condition)
            => !own.Contains(condition.Object) ? "it was given no such object"
                : condition.Type is null || !Word().IsMatch(condition.Type) ? $"{YamlScalar.Quote(condition.Type ?? "")} is no type of a condition, which is a word of letters and digits that begins with a capital one"
                : condition.Reason is null || !Word().IsMatch(condition.Reason) ? $"{YamlScalar.Quote(condition.Reason ?? "")} is no reason, which is a word of letters and digits that begins with a capital one"
                : condition.Message is null || condition.Message.Length > Longest || condition.Message.Any(char.IsControl) ? $"the message of {condition.Type} is longer than {Longest} letters, or has others than printable ones"
                : usable.Count(known => known.Object == condition.Object) is var count && count > 0 && usable[^1].Object == condition.Object && string.Equals(usable[^1].Type, condition.Type, StringComparison.Ordinal) ? $"it says {condition.Type} twice"
                : count == Most ? $"it says more than {Most} things"
                : null;
    }

    [GeneratedRegex(@"\A[A-Z][A-Za-z0-9]{0,62}\z")]
    private static partial Regex Word();
}
