using OsmExt.Compiler.Contributions;
using OsmExt.PluginHost.Certificates;
using OsmExt.PluginHost.Loading;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Running;

/// <summary>What the plugins gave for a mesh, while it is being put together.</summary>
internal sealed class CollectedContributions(IEnumerable<Diagnostic> found, ResourceSnapshot snapshot)
{
    private readonly SortedSet<Diagnostic> _diagnostics = [.. found];
    private readonly List<(string Plugin, PluginCondition Condition)> _conditions = [];

    /// <summary>The objects.</summary>
    public ResourceSnapshot Snapshot => snapshot;

    public List<PendingContribution> Pending { get; } = [];

    /// <summary>Where traffic to services goes, which is the same for all scopes.</summary>
    public List<PlacedContribution> Traffic { get; } = [];

    /// <summary>Whom failures of plugins concern that proxies cannot do without.</summary>
    public List<HeldTarget> Held { get; } = [];

    /// <summary>What certificates are asked for, in the order of plugins, the oldest object first.</summary>
    public List<(LoadedPlugin Plugin, CertificateRequest Request)> Requests { get; } = [];

    /// <summary>What is issued of that.</summary>
    public EquatableArray<OutsiderCertificate> Certificates { get; private set; } = [];

    /// <summary>Where Secrets may be that somebody asks for who cannot say so, by patterns.</summary>
    public List<string> Untold { get; } = [];

    public void Issue(CertificateReview review)
    {
        var issued = new List<OutsiderCertificate>();
        foreach (var (plugin, request) in Requests)
        {
            var (certificate, finding) = review.Of(plugin.Id, request, plugin.MayIssue);
            issued.AddRange(certificate is null ? [] : [certificate]);
            Report(finding is null ? [] : [finding]);
        }

        Certificates = issued.ToEquatableArray();
    }

    public EquatableArray<Diagnostic> Diagnostics => _diagnostics.ToEquatableArray();

    /// <summary>What plugins say of their objects' status.</summary>
    public EquatableArray<(string Plugin, PluginCondition Condition)> Conditions
        => [.. _conditions.OrderBy(stated => stated.Condition.Object).ThenBy(stated => stated.Plugin, StringComparer.Ordinal).ThenBy(stated => stated.Condition.Type, StringComparer.Ordinal)];

    public void State(string plugin, IEnumerable<PluginCondition> conditions) => _conditions.AddRange(conditions.Select(condition => (plugin, condition)));

    public void Report(params IEnumerable<Diagnostic> diagnostics) => _diagnostics.UnionWith(diagnostics.Select(Located));

    /// <summary>The finding with the place its object was read from, if it has no other.</summary>
    public Diagnostic Located(Diagnostic finding)
        => finding is { Location: null, Object: { } key } ? finding with { Location = snapshot.LocationOf(key) } : finding;

    /// <summary>Takes over what was collected apart, at its places in the order of these slots.</summary>
    public void Add(CollectedContributions others, SlotOrder order)
    {
        _diagnostics.UnionWith(others._diagnostics);
        _conditions.AddRange(others._conditions);
        Held.AddRange(others.Held);
        Traffic.AddRange(others.Traffic);
        Requests.AddRange(others.Requests);
        Untold.AddRange(others.Untold);
        Pending.AddRange(others.Pending.Select(pending => pending with { Rank = order.RankOf(pending.Manifest.Id, pending.Slot.Name) }));
    }

    /// <summary>Proxies that these targets mean keep what they have.</summary>
    public void Hold(PluginManifest plugin, string reason, IEnumerable<ContributionTarget> targets)
    {
        var direction = plugin.Slots.Any(slot => slot.Direction == Direction.Outbound) ? Direction.Outbound : Direction.Inbound;
        Held.AddRange(targets.Distinct().Select(target => new HeldTarget(plugin.Id, reason, target, direction)));
    }
}

/// <summary>A contribution that is rendered for a scope when that scope is asked for, or has been rendered for all.</summary>
/// <param name="Manifest">The plugin's.</param>
/// <param name="Slot">What it fills.</param>
/// <param name="Rank">The slot's place among all.</param>
/// <param name="Contribution">What the plugin said.</param>
/// <param name="Render">What it is for a scope.</param>
internal sealed record PendingContribution(
    PluginManifest Manifest, ContributionSlot Slot, int Rank, Contribution Contribution, Func<ProxyScope, Rendered> Render)
{
    /// <summary>What the target's route means; empty where it has none.</summary>
    public EquatableArray<HttpRouteMatch> Requests { get; init; }
}

/// <summary>Whom a failure concerns; outbound when clients of the target are meant too.</summary>
internal sealed record HeldTarget(string Plugin, string Reason, ContributionTarget Target, Direction Direction);
