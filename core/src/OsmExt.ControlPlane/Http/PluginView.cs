using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
using OsmExt.ControlPlane.Plugins;
using OsmExt.ControlPlane.Serving;
using OsmExt.PluginHost;
using OsmExt.PluginHost.Loading;
using OsmExt.PluginHost.Manifests;
using OsmExt.PluginHost.Services;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Http;

/// <summary>The plugins in force and how far their objects have come, as the debug page shows them.</summary>
internal static class PluginView
{
    public static JsonObject Of(PluginSet set, PluginStatus status, IReadOnlyList<Rollout> rollouts, IEnumerable<KeptCertificate> certificates) => new()
    {
        ["rollouts"] = new JsonArray([.. rollouts.Select(rollout => (JsonNode)Of(rollout, status))]),
        ["plugins"] = new JsonArray([.. set.Plugins.Select(plugin => Of(plugin, status, [.. certificates.Where(kept => kept.Asked.Plugin == plugin.Id)])), .. set.Loads.Where(load => load.Plugin is null).Select(NotLoaded)]),
        ["broken"] = new JsonArray([.. set.Broken.Select(manifest => (JsonNode)manifest.Id)]),
        ["diagnostics"] = MeshDocument.Of(set.Diagnostics),
    };

    private static JsonObject Of(Rollout rollout, PluginStatus status) => new JsonObject
    {
        ["plugin"] = rollout.Id,
        ["version"] = rollout.Version.ToString(),
        ["digest"] = rollout.Digest,
        ["before"] = rollout.Before.Manifest.Version.ToString(),
        ["state"] = rollout.IsHalted ? "taken back" : "rolling out",
        ["step"] = rollout.Step + 1,
        ["steps"] = rollout.Plan.Steps.Count,
        ["for"] = rollout.Plan.Steps[rollout.Step].ToString(),
        ["proxies"] = status.Reached.GetValueOrDefault(rollout.Id),
        ["since"] = rollout.Since.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        ["fault"] = rollout.Fault,
    };

    private static JsonObject NotLoaded(PluginLoad load) => new JsonObject
    {
        ["id"] = load.Manifest?.Id ?? Path.GetFileName(load.Folder),
        ["version"] = load.Manifest?.Version.ToString(),
        ["state"] = load.IsRefused ? "not allowed" : "not loaded",
        ["findings"] = MeshDocument.Of(load.Findings),
    };

    private static JsonObject Of(LoadedPlugin plugin, PluginStatus status, IReadOnlyList<KeptCertificate> certificates)
    {
        var (contributions, bytes) = plugin.Memo.Current;
        var leftOut = status.LeftOut.Where(left => string.Equals(left.Item.Plugin, plugin.Id, StringComparison.Ordinal)).ToArray();
        return new JsonObject
        {
            ["id"] = plugin.Id,
            ["version"] = plugin.Manifest.Version.ToString(),
            ["digest"] = plugin.Digest,
            ["state"] = plugin.Breaker.Reason is not null ? "not called" : leftOut.Length > 0 ? "in force in part" : "in force",
            ["not_called"] = plugin.Breaker.Reason,
            ["failure"] = plugin.Manifest.Failure.ToString().ToLowerInvariant(),
            ["calls"] = plugin.Usage.Calls,
            ["errors"] = plugin.Usage.Errors,
            ["seconds"] = Math.Round(plugin.Usage.Time.TotalSeconds, 6),
            ["allocated_bytes"] = plugin.Usage.Allocated,
            ["contributions"] = contributions,
            ["bytes"] = bytes,
            ["rejections"] = plugin.Usage.Rejections,
            ["quarantined"] = new JsonArray([.. leftOut.Select(Of)]),
            ["services"] = new JsonArray([.. plugin.Services.All.Select(Of)]),
            ["certificates"] = new JsonArray([.. certificates.OrderBy(kept => kept.Asked.Secret).Select(Of)]),
            ["objects"] = new JsonArray([.. Objects(plugin, status)]),
            ["findings"] = MeshDocument.Of(status.Findings[PlacedContribution.PluginKey(plugin.Id)]),
        };
    }

    private static JsonObject Of(KeptCertificate kept) => new JsonObject
    {
        ["secret"] = kept.Asked.Secret.ToString(),
        ["object"] = kept.Asked.Origin?.ToString(),
        ["identity"] = kept.Asked.Identity?.SpiffeId,
        ["dns_names"] = new JsonArray([.. kept.Asked.DnsNames.Select(name => (JsonNode)name)]),
        ["usages"] = new JsonArray([.. kept.Asked.Usages.Select(usage => (JsonNode)FieldReader.Dashed(usage))]),
        ["until"] = kept.NotAfter?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
    };

    private static JsonObject Of(ServiceRun service) => new JsonObject
    {
        ["name"] = service.Declaration.Name,
        ["health"] = FieldReader.Dashed(service.Status.Health),
        ["says"] = service.Status.Sentence,
        ["readiness"] = service.Declaration.IsPartOfReadiness,
        ["restarts"] = service.Restarts,
        ["values"] = service.Values,
        ["published"] = service.Published,
    };

    private static JsonObject Of(LeftOutContribution left) => new JsonObject
    {
        ["slot"] = left.Item.Slot.Name,
        ["object"] = left.Item.Origin?.ToString(),
        ["content"] = left.Item.Content,
        ["trial"] = left.Entry.IsTrial,
        ["envoy"] = left.Entry.Build.Version,
        ["only"] = left.Entry.Scope?.Identity.SpiffeId,
        ["proxy"] = left.Entry.Refusal.Proxy,
        ["resource"] = left.Entry.Refusal.Resource,
        ["message"] = left.Entry.Refusal.Message,
        ["at"] = left.Entry.Refusal.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
    };

    private static IEnumerable<JsonNode> Objects(LoadedPlugin plugin, PluginStatus status)
        => from resource in status.Objects
           where plugin.Manifest.Resources.Any(kind => kind.Kind == resource.KindName && kind.Group == resource.Group)
           select Of(resource.Key, plugin, status);

    private static JsonObject Of(ResourceKey key, LoadedPlugin plugin, PluginStatus status)
    {
        var share = status.Shares.GetValueOrDefault((plugin.Id, key), new(0, 0));
        return new JsonObject
        {
            ["object"] = key.ToString(),
            ["accepted"] = status.Findings[key].All(finding => finding.Severity != Severity.Error),
            ["proxies"] = share.Proxies,
            ["acknowledged"] = share.Acknowledged,
            ["findings"] = MeshDocument.Of(status.Findings[key]),
        };
    }
}
