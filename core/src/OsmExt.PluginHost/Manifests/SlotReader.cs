using System.Text.RegularExpressions;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;
using OsmExt.Yaml;

namespace OsmExt.PluginHost.Manifests;

/// <summary>Reads the slots of a manifest, and checks what can be checked before anything runs.</summary>
internal static partial class SlotReader
{
    private static readonly ContributionPoint[] Filters = [ContributionPoint.HttpFilter, ContributionPoint.NetworkFilter];
    private static readonly ContributionPoint[] Observers = [ContributionPoint.AccessLog, ContributionPoint.Tracing];

    private static readonly ContributionPoint[] Starts = [ContributionPoint.Bootstrap, ContributionPoint.StatsTag];
    private static readonly ContributionPoint[] Traffic = [ContributionPoint.Weights, ContributionPoint.Route];

    public static ContributionSlot Read(FieldReader fields, IReadOnlyList<PluginKind> kinds, bool hasCode)
    {
        var name = fields.Text("name", Name(), "Use lower-case letters, digits and dashes", required: "Name the contribution") ?? "";
        var point = fields.Word("point", ContributionPoint.HttpFilter, required: "Say what is contributed");
        var slot = new ContributionSlot(name, point, fields.Word("direction", Direction.Inbound, required: Starts.Contains(point) ? null : "Write inbound or outbound"))
        {
            Stage = fields.Word("stage", FilterStage.Traffic),
            After = fields.Texts("after").ToEquatableArray(),
            Before = fields.Texts("before").ToEquatableArray(),
            Merge = fields.Word("merge", MergeRule.Override),
            For = fields.Text("for") ?? "",
            Template = fields.Text("template", PluginManifestReader.RelativePath(), "Name a file of the plugin's folder") ?? "",
            Configures = fields.Text("configures") ?? "",
            With = fields.Text("with") ?? "",
            Setting = fields.Node("setting") is null ? null : fields.Word("setting", MeshSetting.TrafficMetrics),
            Envoy = fields.Node("envoy") is null ? VersionRange.Any : PluginManifestReader.Range(fields, "envoy"),
            Metadata = fields.Words<MeshMetadata>("metadata").ToEquatableArray(),
        };
        CheckAlone(fields, slot, kinds, hasCode);
        fields.Done();
        return slot;
    }

    /// <summary>What slots say about each other and about capabilities.</summary>
    public static void CheckTogether(FieldReader fields, PluginManifest manifest)
    {
        foreach (var name in manifest.Slots.GroupBy(slot => slot.Name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key))
        {
            fields.Report("contributions", $"Two contributions are called {YamlScalar.Quote(name)}", "Give each a name of its own");
        }

        foreach (var slot in manifest.Slots.Where(slot => slot.With.Length > 0 && !manifest.Slots.Any(other => other.With.Length == 0 && string.Equals(other.Name, slot.With, StringComparison.Ordinal))))
        {
            fields.Report("contributions", $"{YamlScalar.Quote(slot.Name)} stands with {YamlScalar.Quote(slot.With)}, which is no contribution of this plugin that stands by itself", "Name another of this plugin's own in with");
        }

        foreach (var slot in manifest.Slots.Where(slot => slot.Point == ContributionPoint.VirtualHostConfig))
        {
            var filter = manifest.Slots.FirstOrDefault(other => string.Equals(other.Name, slot.Configures, StringComparison.Ordinal));
            if (filter is not { Point: ContributionPoint.HttpFilter, Merge: MergeRule.Override } || filter.Direction != slot.Direction)
            {
                fields.Report("contributions", $"{YamlScalar.Quote(slot.Name)} configures {YamlScalar.Quote(slot.Configures)}, which is not an http-filter of the same direction with merge: override",
                    "Name one of this plugin's own in configures");
            }
        }

        foreach (var (slot, needed) in manifest.Slots.SelectMany(slot => Needed(slot).Select(needed => (slot, needed))))
        {
            if (!manifest.Capabilities.Contains(needed))
            {
                fields.Report("capabilities", $"{YamlScalar.Quote(slot.Name)} needs the capability {FieldReader.Dashed(needed)}", "Ask for it in capabilities; the operator decides");
            }
        }

        if (manifest is { Failure: FailureMode.Closed } && manifest.Slots.Any(slot => slot.Point == ContributionPoint.Patch))
        {
            fields.Report("failure", "A patch that does not fit what the mesh makes is left out, whatever hangs on it", "Write open; what must not be missing needs another point");
        }

        if (manifest is { Slots.IsEmpty: true, Services.IsEmpty: true, Commands.IsEmpty: true, Certificates.IsEmpty: true })
        {
            fields.Report("contributions", "The plugin contributes nothing", "List what it contributes in contributions");
        }
    }

    /// <summary>What a slot cannot be filled without.</summary>
    public static IEnumerable<PluginCapability> Needed(ContributionSlot slot)
    {
        if (slot is { Direction: Direction.Inbound, Stage: < FilterStage.Authorization } && Filters.Contains(slot.Point))
        {
            yield return PluginCapability.BeforeAuthorization;
        }

        if (slot.Point == ContributionPoint.Patch)
        {
            yield return PluginCapability.RawPatch;
        }

        if (Starts.Contains(slot.Point))
        {
            yield return PluginCapability.WriteBootstrap;
        }

        if (slot.Point == ContributionPoint.Cluster || slot is { Point: ContributionPoint.FilterChain, Direction: Direction.Outbound })
        {
            yield return PluginCapability.CallHosts;
        }

        if (slot.Point == ContributionPoint.Listener || slot is { Point: ContributionPoint.FilterChain, Direction: Direction.Inbound })
        {
            yield return PluginCapability.AcceptConnections;
        }
    }

    private static void CheckAlone(FieldReader fields, ContributionSlot slot, IReadOnlyList<PluginKind> kinds, bool hasCode)
    {
        if (slot.Stage == FilterStage.Terminal)
        {
            fields.Report("stage", "The end of a chain belongs to the mesh", "Use an earlier stage, for example telemetry");
        }

        if (slot.Setting is not null && !IsForMesh(slot) && !hasCode)
        {
            fields.Report("setting", "Objects do not carry out what the MeshConfig asks for", $"Write for: {ContributionSlot.Mesh}, or leave it out");
        }

        if (slot.For.Length > 0 && !IsForMesh(slot) && !kinds.Any(kind => string.Equals(kind.Kind, slot.For, StringComparison.Ordinal)))
        {
            fields.Report("for", $"The plugin reads no kind {YamlScalar.Quote(slot.For)}", "Name one of its resources");
        }

        if (slot.For.Length == 0 && !hasCode)
        {
            fields.Report("for", "Nothing fills this slot", "Name the kind whose objects do; only a plugin with an assembly can do without");
        }

        if (slot.For.Length > 0 && fields.Node("template") is null)
        {
            fields.Report("template", "Objects need a template to become configuration", "Name the template");
        }

        if (slot is { Point: ContributionPoint.VirtualHost } and ({ Direction: Direction.Inbound } or { For.Length: > 0 }))
        {
            fields.Report("point", "A virtual host is for outbound requests, and only code can say for which port", "Write outbound, and leave out for");
        }

        if (slot.Setting == MeshSetting.InboundAuthorization && slot is not { Point: ContributionPoint.HttpFilter, Direction: Direction.Inbound })
        {
            fields.Report("setting", "Requests that reach pods are judged by a filter of inbound HTTP", "Write point: http-filter and direction: inbound, or leave out setting");
        }

        if (slot is { Point: ContributionPoint.FilterChain, Direction: Direction.Outbound, For.Length: > 0 })
        {
            fields.Report("for", "An outbound chain is for a port, and only code can say for which", "Leave out for");
        }

        if (Traffic.Contains(slot.Point) && (slot.Direction != Direction.Outbound || IsForMesh(slot)))
        {
            fields.Report("point", "Where traffic to a service goes is decided at its clients", "Write direction: outbound, and let objects name a service");
        }

        if (Starts.Contains(slot.Point) && slot.Direction != Direction.Inbound)
        {
            fields.Report("direction", "What a proxy starts with goes no way", "Leave it out");
        }

        if (slot.Point == ContributionPoint.Weights && (slot.Merge != MergeRule.Override || slot.With.Length > 0 || slot.Envoy != VersionRange.Any))
        {
            fields.Report("point", "One list of weights counts for a service, and for all proxies", "Leave out merge, with and envoy");
        }

        if (slot.Direction == Direction.Ingress && !Observers.Contains(slot.Point))
        {
            fields.Report("direction", "What comes in from outside the mesh can be observed only", "Use it with access-log or tracing");
        }
    }

    private static bool IsForMesh(ContributionSlot slot) => string.Equals(slot.For, ContributionSlot.Mesh, StringComparison.Ordinal);

    [GeneratedRegex(@"^[a-z]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    internal static partial Regex Name();
}
