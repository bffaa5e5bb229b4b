using OsmExt.PluginHost.Loading;
using OsmExt.PluginHost.Schemas;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Running;

/// <summary>
/// Decides whether an object counts: by the rules in the schema of the version it is written in and of the first, and by the plugin's code where the manifest says so. The same
/// object gets the same answer, wherever it is asked.
/// </summary>
internal sealed class Admission(LoadedPlugin plugin, TimeProvider time)
{
    private const string Advice = "Change the object; it does not count as it is";

    /// <param name="written">The object as it is written.</param>
    /// <param name="first">The same in the first version of its kind.</param>
    /// <returns>Why it does not count; nothing when it does.</returns>
    public IReadOnlyList<Diagnostic> Review(PluginResource written, PluginResource first)
    {
        if (plugin.Reviewed.TryGetValue(written, out var known))
        {
            return known;
        }

        var kind = plugin.Manifest.KindOf(written)!;
        var broken = SchemaRules.Broken(kind.SchemaOf(written.Version), written.Spec.Root);
        if (kind.Conversions.Any(other => string.Equals(other.Version, written.Version, StringComparison.Ordinal)))
        {
            broken = broken.Concat(SchemaRules.Broken(kind.Schema, first.Spec.Root));
        }

        List<Diagnostic> findings = [.. broken.Select(problem => Refused(written, problem.Path.Length > 0 ? $"spec.{problem.Path}" : "spec", problem.Message, Advice))];
        if (findings.Count == 0 && kind.IsReviewed)
        {
            var (asked, failure) = Ask(first);
            if (failure is not null)
            {
                // It may answer the next time.
                return [new(DiagnosticCodes.PluginFailed, Severity.Error, written.Key, "", $"Plugin {plugin.Id} cannot say whether this object may count: {failure}", "It does not count until the plugin is mended")];
            }

            findings.AddRange(asked.Select(refusal => Refused(written, refusal.Field, refusal.Message, refusal.Advice)));
        }

        plugin.Reviewed.AddOrUpdate(written, findings);
        return findings;
    }

    private (IReadOnlyList<Refusal> Refusals, string? Failure) Ask(PluginResource first)
    {
        if (plugin.Breaker.Reason is { } rest)
        {
            return ([], rest);
        }

        var start = time.GetTimestamp();
        var call = GuardedCall.Run(_ => new Answer(((IAdmissionRule)plugin.Code!.Plugin!).Review(first)), time);
        if (call.Output is { } answer && OutputGaps.Of(answer.Refusals) is { } gap)
        {
            call = call with { Output = null, Failure = gap };
        }

        plugin.Usage.Called(call.Failure is not null, time.GetElapsedTime(start), call.Allocated);
        if (call.Hung)
        {
            plugin.Breaker.Failed(hung: true);
        }

        return ([.. call.Output?.Refusals ?? []], call.Failure);
    }

    private static Diagnostic Refused(PluginResource written, string field, string message, string advice)
        => new(DiagnosticCodes.AdmissionRefused, Severity.Error, written.Key, field, message.TrimEnd('.'), advice.TrimEnd('.'));

    private sealed record Answer(Sdk.Collections.EquatableArray<Refusal> Refusals);
}
