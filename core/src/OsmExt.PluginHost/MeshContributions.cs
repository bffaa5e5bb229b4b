using System.Collections.Concurrent;
using OsmExt.Compiler.Contributions;
using OsmExt.PluginHost.Running;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost;

/// <summary>What the plugins contribute to one mesh, picked for one scope at a time.</summary>
/// <param name="collected">What they said.</param>
/// <param name="manifests">What they do.</param>
/// <param name="quarantine">What of it Envoy refused.</param>
internal sealed class MeshContributions(CollectedContributions collected, IReadOnlyCollection<PluginManifest> manifests, Quarantine quarantine) : IMeshContributions
{
    public EquatableArray<PlacedContribution> Traffic { get; } = [.. collected.Traffic.OrderBy(item => item.Rank).ThenBy(item => !item.IsLocked)];

    public EquatableArray<Diagnostic> Diagnostics => _diagnostics ??= [.. new SortedSet<Diagnostic>(collected.Diagnostics.Concat(Conflicts.Of(Traffic).Concat(Overridden.ByLocks(Traffic)).Select(collected.Located)))];

    private EquatableArray<Diagnostic>? _diagnostics;

    public EquatableArray<MeshSetting> CarriesOut { get; } = [.. manifests.SelectMany(manifest => manifest.Slots).Select(slot => slot.Setting).OfType<MeshSetting>().Distinct().Order()];

    public EquatableArray<string> Reads { get; } = [.. manifests.SelectMany(manifest => manifest.Reads).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    public EquatableArray<OutsiderCertificate> Certificates => collected.Certificates;

    public EquatableArray<string> Untold { get; } = [.. collected.Untold.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    public EquatableArray<(string Plugin, PluginCondition Condition)> Conditions { get; } = collected.Conditions;

    private readonly EquatableArray<string> _closed = [.. manifests.Where(manifest => manifest.Failure == FailureMode.Closed).Select(manifest => manifest.Id).Order(StringComparer.Ordinal)];

    private readonly ILookup<string?, LabelSet> _selections = collected.Pending.Select(pending => pending.Contribution.Target).Concat(collected.Held.Select(held => held.Target))
        .Where(target => !target.Labels.IsEmpty).ToLookup(target => target.Namespace, target => target.Labels, StringComparer.Ordinal);

    public EquatableArray<LabelSet> Selections(string ns)
        => [.. _selections[ns].Distinct().OrderBy(labels => string.Join(',', labels), StringComparer.Ordinal)];

    // Asked again and again for the scopes there are; nothing it is made of changes.
    private readonly ConcurrentDictionary<ProxyScope, ScopeContributions> _made = new();

    public IMeshContributions Under(Quarantine quarantine) => new MeshContributions(collected, manifests, quarantine);

    public ScopeContributions For(ProxyScope scope) => _made.GetOrAdd(scope, Make);

    private ScopeContributions Make(ProxyScope scope)
    {
        var findings = new SortedSet<Diagnostic>();
        var placed = new List<PlacedContribution>();
        var held = collected.Held.FirstOrDefault(entry => Concerns(entry.Target, entry.Direction, scope)) is { } found ? $"plugin {found.Plugin} failed: {found.Reason}" : null;
        var concerned = collected.Pending.Where(pending => Concerns(pending.Contribution.Target, pending.Slot.Direction, scope)).ToArray();
        // Without a chain from outside there is nothing to be observed on it.
        var hasIngress = concerned.Any(pending => pending.Slot is { Point: ContributionPoint.FilterChain, Direction: Direction.Inbound });
        foreach (var pending in concerned.Where(pending => hasIngress || pending.Slot.Direction != Direction.Ingress))
        {
            var rendered = pending.Render(scope);
            findings.UnionWith(rendered.Problems);
            if (rendered.Message is not { } message)
            {
                held ??= IsClosed(pending.Manifest.Id) && !rendered.IsNothing ? $"plugin {pending.Manifest.Id} failed: what it makes of {pending.Contribution.Origin} cannot be used" : null;
                continue;
            }

            var item = new PlacedContribution(pending.Manifest.Id, pending.Slot, pending.Rank, pending.Contribution.Target, message, pending.Contribution.Origin,
                pending.Requests, pending.Contribution.IsLocked, pending.Manifest.Capabilities, pending.Contribution.AlsoFrom);
            if (NotOffered(item, pending.Manifest, scope) is { } lacking)
            {
                findings.Add(new(DiagnosticCodes.NotOffered, IsClosed(pending.Manifest.Id) ? Severity.Error : Severity.Warning, item.Subject, "",
                    $"Plugin {item.Plugin}, {item.Slot.Name}, for {scope.Identity} needs {lacking}, which {scope.Capabilities} does not offer",
                    IsClosed(pending.Manifest.Id) ? "These proxies keep what they have; run them on another build of Envoy" : "It is left out for these proxies; run them on another build of Envoy"));
                held ??= IsClosed(pending.Manifest.Id) ? $"plugin {item.Plugin} needs {lacking}" : null;
                continue;
            }

            placed.Add(item);
        }

        var excess = RouteLimit.Excess(placed);
        foreach (var item in excess)
        {
            findings.Add(RouteLimit.Finding(item, scope, IsClosed(item.Plugin)));
            held ??= IsClosed(item.Plugin) ? $"what plugin {item.Plugin} makes of {item.Origin?.ToString() ?? item.Slot.Name} takes too many routes" : null;
        }

        placed.RemoveAll(excess.Contains);
        var filled = placed.Select(item => (item.Plugin, item.Slot.Name)).ToHashSet();
        placed.RemoveAll(item => item.Slot.With.Length > 0 && !filled.Contains((item.Plugin, item.Slot.With)));
        var secrets = new SecretChoice(collected.Snapshot, placed);
        foreach (var lacking in secrets.Lacking)
        {
            findings.Add(lacking.Finding(scope, IsClosed(lacking.Item.Plugin)));
            held ??= IsClosed(lacking.Item.Plugin) ? $"a Secret that plugin {lacking.Item.Plugin} needs for {lacking.Item.Origin} cannot be used" : null;
            placed.Remove(lacking.Item);
        }

        var leftOut = LeftOut.Of(scope, placed, quarantine);
        findings.UnionWith(leftOut.Select(entry => LeftOut.Finding(entry, scope, IsClosed(entry.Item.Plugin))));
        held ??= leftOut.FirstOrDefault(entry => IsClosed(entry.Item.Plugin)) is { Item: var refused }
            ? $"Envoy refused what plugin {refused.Plugin} makes of {refused.Origin?.ToString() ?? refused.Slot.Name}" : null;
        if (held is not null)
        {
            findings.Add(ScopeContributions.HeldFinding(scope, held));
        }

        var gone = leftOut.Select(entry => entry.Item).ToHashSet();
        var sorted = placed.Where(item => !gone.Contains(item)).OrderBy(item => item.Rank).ThenBy(item => !item.IsLocked).ToArray();
        findings.UnionWith(Conflicts.Of(sorted));
        findings.UnionWith(Overridden.ByLocks(sorted));
        return new(sorted.ToEquatableArray(), new SortedSet<Diagnostic>(findings.Select(collected.Located)).ToEquatableArray())
        {
            Secrets = secrets.Of(sorted), Held = held, LeftOut = leftOut.ToEquatableArray(), Closed = _closed,
        };
    }

    private bool IsClosed(string plugin) => _closed.Contains(plugin, StringComparer.Ordinal);

    // Inbound traffic to a service is looked at by its own proxies only.
    private static bool Concerns(ContributionTarget target, Direction direction, ProxyScope scope)
        => target.Covers(scope) && (target.Service is null || direction == Direction.Outbound || scope.Services.Contains(target.Service));

    private static string? NotOffered(PlacedContribution item, PluginManifest manifest, ProxyScope scope)
    {
        var version = Version.TryParse(scope.Capabilities.Version, out var known) ? known : null;
        if (new[] { manifest.Envoy, item.Slot.Envoy }.FirstOrDefault(range => range != VersionRange.Any && (version is null || !range.Contains(version))) is { } needed)
        {
            return $"Envoy {needed}";
        }

        var missing = item.Types.Where(type => !scope.Capabilities.Offers(type)).ToArray();
        return missing.Length == 0 ? null : string.Join(", ", missing);
    }
}
