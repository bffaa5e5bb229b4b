using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
using OsmExt.PluginHost.Loading;
using OsmExt.PluginHost.Rendering;
using OsmExt.PluginHost.Templates;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Running;

/// <summary>Asks one plugin what it contributes to a mesh. Whatever goes wrong stays with this plugin.</summary>
internal sealed class PluginRun(LoadedPlugin plugin, SlotOrder order, CompilerOptions options, TimeProvider time)
{
    private static readonly TemplateLimits Limits = new();
    private readonly PluginManifest _manifest = plugin.Manifest;

    /// <summary>Whether objects were read as another version of the plugin reads them, so that they have to be held against this one's schemas.</summary>
    public bool ReadByOthers { get; init; }

    public void Into(CollectedContributions collected, Mesh mesh, ResourceSnapshot snapshot)
    {
        plugin.Memo.Begin();
        var input = new KindVersions(plugin, time) { ReadByOthers = ReadByOthers }.InFirst(
            MeshObjects.InputOf(_manifest, mesh, snapshot, options, found => collected.Report(found)), (resource, findings) => NotConverted(collected, resource, findings));
        var resources = input.Resources;
        plugin.Services.Offer(resources);
        input = input with { Published = plugin.Services.Published };
        var contributions = new List<(ContributionSlot Slot, Contribution Contribution, DateTimeOffset Created)>();
        foreach (var slot in SlotsOfMesh(_manifest, mesh))
        {
            contributions.Add((slot, new Contribution(slot.Name, ContributionTarget.Mesh) { Model = MeshModel.Of(mesh.Settings, options), Origin = MeshModel.Origin(options) },
                DateTimeOffset.MaxValue));
        }

        foreach (var slot in _manifest.Slots.Where(slot => slot.For.Length > 0))
        {
            contributions.AddRange(resources.Where(resource => string.Equals(resource.Kind, slot.For, StringComparison.Ordinal))
                .Select(resource => (slot, new Contribution(slot.Name, resource.TargetIn(options.OsmNamespace)) { Model = resource.Spec, Origin = resource.Key, IsLocked = resource.IsLocked },
                    resource.Metadata.Created ?? DateTimeOffset.MaxValue)));
        }

        PluginOutput? answer = null;
        if (plugin.Code is not null)
        {
            answer = Ask(collected, input);
            contributions.AddRange(Filled(collected, input, answer).Select(pair => (pair.Slot, pair.Contribution, DateTimeOffset.MaxValue)));
        }

        if (!_manifest.Certificates.IsEmpty)
        {
            new CertificateRun(plugin, collected, time).Into(resources.OrderBy(resource => resource.Metadata.Created ?? DateTimeOffset.MaxValue).ThenBy(resource => resource.Key), answer?.Certificates);
        }

        var routes = new RouteTargets(snapshot);
        var placed = new List<(ContributionSlot Slot, Contribution Contribution)>();
        // Of equals the older object counts, then the first by name; whoever reads the list takes the first. Who is of another namespace is the less
        // specific of equals: after the others where one counts, and before them where all do.
        var foreign = resources.Where(resource => resource.AimsElsewhere).Select(resource => (ResourceKey?)resource.Key).ToHashSet();
        foreach (var (slot, contribution, _) in contributions.OrderBy(entry => foreign.Contains(entry.Contribution.Origin) == (entry.Slot.Merge == MergeRule.Override)).ThenBy(entry => entry.Created).ThenBy(entry => entry.Contribution.Origin)
            .ThenBy(entry => entry.Contribution.Model.ToString(), StringComparer.Ordinal).ThenBy(entry => entry.Contribution.Text, StringComparer.Ordinal))
        {
            if (Add(collected, slot, contribution, routes))
            {
                placed.Add((slot, contribution));
            }
        }

        collected.Report(TargetReview.Of(_manifest, placed, mesh, snapshot));
        collected.Report(Overridden.Of(placed));
    }

    /// <summary>Whom a plugin may concern, as far as the objects it reads and the mesh's settings say.</summary>
    public static IEnumerable<ContributionTarget> Targets(PluginManifest manifest, Mesh mesh, IEnumerable<PluginResource> resources, CompilerOptions options)
        => resources.Select(resource => resource.TargetIn(options.OsmNamespace)).Concat(SlotsOfMesh(manifest, mesh).Select(_ => ContributionTarget.Mesh));

    private static IEnumerable<ContributionSlot> SlotsOfMesh(PluginManifest manifest, Mesh mesh)
        => manifest.Slots.Where(slot => string.Equals(slot.For, ContributionSlot.Mesh, StringComparison.Ordinal) && (slot.Setting is not { } setting || mesh.Settings.Asks(setting)));

    private PluginOutput? Ask(CollectedContributions collected, PluginInput input)
    {
        var call = plugin.Breaker.Reason is { } rest ? new CallResult<PluginOutput>(null, rest) : Call(input);
        if (call.Output is not { } output)
        {
            if (plugin.Breaker.Reason is null)
            {
                plugin.Breaker.Failed(call.Hung);
            }

            Failed(collected, call.Failure!, input.Mesh, input.Resources);
            return null;
        }

        plugin.Breaker.Succeeded();
        plugin.LastGood = [.. output.Contributions];
        collected.Report(output.Diagnostics.Select(Checked));
        collected.State(_manifest.Id, StatedConditions.Usable(_manifest.Id, output.Conditions, input.Resources, found => collected.Report(found)));
        return output;
    }

    private List<(ContributionSlot Slot, Contribution Contribution)> Filled(CollectedContributions collected, PluginInput input, PluginOutput? output)
    {
        var filled = new List<(ContributionSlot, Contribution)>();
        var given = input.Resources.Select(resource => (ResourceKey?)resource.Key).ToHashSet();
        foreach (var contribution in output?.Contributions ?? [])
        {
            // Whose object it is decides whose Secrets it may name.
            if (_manifest.Capabilities.Contains(PluginCapability.ReadSecrets) && contribution.Origin is not null && !given.Contains(contribution.Origin))
            {
                Failed(collected, $"it says that {contribution.Origin} is behind what it contributes, which is no object that it was given", input.Mesh, input.Resources);
            }
            else if (_manifest.Slots.FirstOrDefault(slot => slot.For.Length == 0 && string.Equals(slot.Name, contribution.Slot, StringComparison.Ordinal)) is { } slot)
            {
                filled.Add((slot, contribution));
            }
            else
            {
                Failed(collected, $"it filled a slot \"{contribution.Slot}\" that its manifest does not leave to it", input.Mesh, input.Resources);
            }
        }

        return filled;
    }

    private CallResult<PluginOutput> Call(PluginInput input)
    {
        var start = time.GetTimestamp();
        var call = GuardedCall.Run(plugin.Code!.Plugin!, token => input with { Cancellation = token }, time);
        if (call.Output is { } output && OutputGaps.Of(output) is { } gap)
        {
            call = call with { Output = null, Failure = gap };
        }

        plugin.Usage.Called(call.Failure is not null, time.GetElapsedTime(start), call.Allocated);
        return call;
    }

    // A plugin speaks about its own objects, and as itself.
    private Diagnostic Checked(Diagnostic finding)
        => finding.Object is { } key && _manifest.Resources.Any(kind => string.Equals(kind.Kind, key.Kind, StringComparison.Ordinal))
            ? finding
            : finding with { Object = PlacedContribution.PluginKey(_manifest.Id) };

    private void Failed(CollectedContributions collected, string reason, Mesh mesh, EquatableArray<PluginResource> resources)
    {
        var closed = _manifest.Failure == FailureMode.Closed;
        collected.Report(new Diagnostic(DiagnosticCodes.PluginFailed, Severity.Error, PlacedContribution.PluginKey(_manifest.Id), "", $"The plugin failed: {reason}",
            closed ? "Proxies that it may concern keep what they have; mend or remove the plugin" : "What it contributes is left out; mend or remove the plugin"));
        if (closed)
        {
            collected.Hold(_manifest, reason, Targets(_manifest, mesh, resources, options).Concat(plugin.LastGood.Select(contribution => contribution.Target)));
        }
    }

    // What cannot be read as the plugin reads it guards nothing, and something may have to be guarded.
    private void NotConverted(CollectedContributions collected, PluginResource resource, IReadOnlyList<Diagnostic> findings)
    {
        collected.Report(findings);
        if (_manifest.Failure == FailureMode.Closed && findings.Any(finding => finding.Severity == Severity.Error))
        {
            collected.Hold(_manifest, $"{resource.Key} does not count", [resource.TargetIn(options.OsmNamespace)]);
        }
    }

    // Whether there is something, as far as it can be told without a proxy.
    private bool Add(CollectedContributions collected, ContributionSlot slot, Contribution contribution, RouteTargets routes)
    {
        EquatableArray<HttpRouteMatch> requests = [];
        if (contribution.Target.Route is not null)
        {
            (requests, var finding, var isBroken) = routes.Of(_manifest.Id, contribution);
            if (finding is not null)
            {
                collected.Report(finding);
                if (isBroken && _manifest.Failure == FailureMode.Closed)
                {
                    collected.Hold(_manifest, $"what {contribution.Origin?.ToString() ?? slot.Name} is for cannot be told", [contribution.Target]);
                }

                return false;
            }
        }

        var template = plugin.Templates.GetValueOrDefault(slot.Template);
        var rank = order.RankOf(_manifest.Id, slot.Name);
        if (template is { DependsOnProxy: true })
        {
            collected.Pending.Add(new(_manifest, slot, rank, contribution, scope => Render(slot, contribution, template, scope)) { Requests = requests });
            return true;
        }

        var rendered = Render(slot, contribution, template, null);
        collected.Report(rendered.Problems);
        if (slot.Point is ContributionPoint.Weights or ContributionPoint.Route && rendered.Message is { } traffic && TargetReview.IsForTraffic(slot, contribution.Target))
        {
            collected.Traffic.Add(new(_manifest.Id, slot, rank, contribution.Target, traffic, contribution.Origin, requests, contribution.IsLocked, _manifest.Capabilities, contribution.AlsoFrom));
        }

        if (rendered.Message is not null)
        {
            if (slot.Point != ContributionPoint.Weights && (slot.Point != ContributionPoint.Route || contribution.Target.Service is not null))
            {
                collected.Pending.Add(new(_manifest, slot, rank, contribution, _ => rendered) { Requests = requests });
            }
        }
        else if (_manifest.Failure == FailureMode.Closed && !rendered.IsNothing)
        {
            collected.Hold(_manifest, $"what it makes of {contribution.Origin?.ToString() ?? slot.Name} cannot be used", [contribution.Target]);
        }

        return !rendered.IsNothing;
    }

    private Rendered Render(ContributionSlot slot, Contribution contribution, PluginTemplate? template, ProxyScope? scope)
        => plugin.Memo.Get(contribution, scope, () =>
        {
            var (start, before) = (time.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            var rendered = RenderAnew(slot, contribution, template, scope);
            plugin.Usage.Called(rendered is { Message: null, IsNothing: false }, time.GetElapsedTime(start), GC.GetAllocatedBytesForCurrentThread() - before);
            return rendered;
        });

    private Rendered RenderAnew(ContributionSlot slot, Contribution contribution, PluginTemplate? template, ProxyScope? scope)
    {
        var decoder = new ContributionDecoder(_manifest, slot, contribution.Origin, template?.Path ?? "");
        try
        {
            var schema = slot.For.Length == 0 ? null
                : _manifest.Resources.FirstOrDefault(kind => string.Equals(kind.Kind, slot.For, StringComparison.Ordinal))?.Schema;
            var text = template?.Render(TemplateModel.Of(_manifest, slot, contribution, schema, scope), Limits, time)
                ?? new RenderedText(contribution.Text ?? "", static _ => 0);
            if (template is not null && text.IsNothing)
            {
                return new(null, []);
            }

            var (message, problems) = decoder.Decode(text);
            return new(message, problems);
        }
        catch (TemplateFailure failure)
        {
            return new(null, [decoder.Refuse("", failure.Message, "Mend the template or the object", failure.Line)]) { IsLate = failure.IsLate };
        }
    }
}
