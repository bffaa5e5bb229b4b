using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;

namespace OsmExt.PluginHost;

/// <summary>What a quarantine takes from one scope, and what is to be said of it.</summary>
internal static class LeftOut
{
    private const int Quoted = 400;

    /// <summary>The contributions that must not be placed, in the order of their places. Several entries may mean one; the first counts.</summary>
    public static IReadOnlyList<LeftOutContribution> Of(ProxyScope scope, IReadOnlyCollection<PlacedContribution> placed, Quarantine quarantine)
    {
        var entries = quarantine.For(scope, placed);
        return entries.Count == 0 ? [] :
        [
            .. from item in placed.Distinct().OrderBy(item => item.Rank)
               let entry = entries.FirstOrDefault(entry => entry.Contents.Contains(item.Content, StringComparer.Ordinal))
               where entry is not null
               select new LeftOutContribution(item, entry),
        ];
    }

    public static Diagnostic Finding(LeftOutContribution leftOut, ProxyScope scope, bool closed)
    {
        var (item, entry) = leftOut;
        var said = entry.Refusal.Message.Length <= Quoted ? entry.Refusal.Message : $"{entry.Refusal.Message[..Quoted]}...";
        var (severity, judgement, advice) = (entry, closed) switch
        {
            ({ IsTrial: true }, _) => (Severity.Warning, "may be to blame and is left out to find out", "Wait a moment; whoever is not to blame comes back"),
            ({ Contents.Count: > 1 }, _) => (Severity.Error, $"is one of {entry.Contents.Count} contributions of which one is to blame, and none may be left out", Mend("These proxies keep what they have")),
            (_, true) => (Severity.Error, "is to blame", Mend("These proxies keep what they have")),
            _ => (Severity.Error, "is to blame and is left out", Mend("It comes back when it changes")),
        };
        return new(DiagnosticCodes.ContributionQuarantined, severity, item.Subject, "",
            $"Plugin {item.Plugin}, {item.Slot.Name}, for {scope.Identity} on Envoy {scope.Capabilities.Version} {judgement}: {entry.Refusal.Proxy} refused {entry.Refusal.Resource} (\"{said}\")", advice);

        string Mend(string meanwhile) => $"{meanwhile}; mend {(item.Origin is { } origin ? $"{origin}, or the plugin" : "the plugin")}";
    }
}
