using OsmExt.Compiler.Contributions;
using OsmExt.PluginHost.Running;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost;

/// <summary>What the plugins contribute to one mesh, picked for one scope at a time.</summary>
internal sealed class MeshContributions(CollectedContributions collected) : IMeshContributions
{
    public EquatableArray<Diagnostic> Diagnostics { get; } = collected.Diagnostics;

    public ScopeContributions For(ProxyScope scope)
    {
        var findings = new SortedSet<Diagnostic>();
        var placed = new List<PlacedContribution>();
        var held = collected.Held.FirstOrDefault(entry => Concerns(entry.Target, entry.Direction, scope)) is { } found ? $"plugin {found.Plugin} failed: {found.Reason}" : null;
        foreach (var pending in collected.Pending.Where(pending => Concerns(pending.Contribution.Target, pending.Slot.Direction, scope)))
        {
            var rendered = pending.Render(scope);
            findings.UnionWith(rendered.Problems);
            if (rendered.Message is not { } message)
            {
                held ??= IsClosed(pending) ? $"plugin {pending.Manifest.Id} failed: what it makes of {pending.Contribution.Origin} cannot be used" : null;
                continue;
            }

            var item = new PlacedContribution(pending.Manifest.Id, pending.Slot, pending.Rank, pending.Contribution.Target, message, pending.Contribution.Origin);
            if (NotOffered(item, pending.Manifest, scope) is { } lacking)
            {
                findings.Add(new(DiagnosticCodes.NotOffered, Severity.Error, item.Origin ?? PlacedContribution.PluginKey(item.Plugin), "",
                    $"Plugin {item.Plugin}, {item.Slot.Name}, for {scope.Identity} needs {lacking}, which {scope.Capabilities} does not offer",
                    IsClosed(pending) ? "These proxies keep what they have; run them on another build of Envoy" : "It is left out for these proxies; run them on another build of Envoy"));
                held ??= IsClosed(pending) ? $"plugin {item.Plugin} needs {lacking}" : null;
                continue;
            }

            placed.Add(item);
        }

        if (held is not null)
        {
            findings.Add(new(DiagnosticCodes.ConfigurationHeld, Severity.Error, null, "",
                $"Proxies of {scope.Identity} keep the configuration they have, and new ones carry no traffic, since {held}", "Mend the plugin, or remove it"));
        }

        var sorted = placed.OrderBy(item => item.Rank).ToArray();
        findings.UnionWith(Conflicts.Of(sorted));
        return new(sorted.ToEquatableArray(), new SortedSet<Diagnostic>(findings.Select(collected.Located)).ToEquatableArray()) { Held = held };
    }

    private static bool IsClosed(PendingContribution pending) => pending.Manifest.Failure == FailureMode.Closed;

    // Inbound traffic to a service is looked at by its own proxies only.
    private static bool Concerns(ContributionTarget target, Direction direction, ProxyScope scope)
        => target.Covers(scope) && (target.Service is null || direction == Direction.Outbound || scope.Services.Contains(target.Service));

    private static string? NotOffered(PlacedContribution item, PluginManifest manifest, ProxyScope scope)
    {
        if (manifest.Envoy != VersionRange.Any && !(Version.TryParse(scope.Capabilities.Version, out var version) && manifest.Envoy.Contains(version)))
        {
            return $"Envoy {manifest.Envoy}";
        }

        var missing = item.Types.Where(type => !scope.Capabilities.Offers(type)).ToArray();
        return missing.Length == 0 ? null : string.Join(", ", missing);
    }
}
