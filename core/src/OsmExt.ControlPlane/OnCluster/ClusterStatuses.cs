using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using OsmExt.ControlPlane.Plugins;
using OsmExt.ControlPlane.Reporting;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Resources;
using OsmExt.Sdk.Status;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>
/// Writes statuses to the objects themselves, and tells what happened in Events. A status is a patch of its own fields: it cannot undo what somebody else wrote at the same time, and
/// what others keep beside it stays.
/// </summary>
internal sealed partial class ClusterStatuses(
    ClusterClient client, LeaderCalls leader, KindCatalog catalog, LivePluginKinds plugins, ObjectEvents events, ClusterOptions options, TimeProvider time, ILogger<ClusterStatuses> logger) : IStatusSink
{
    private const int Attempts = 4;
    private const int PageSize = 500;
    private static readonly string[] Optional = ["proxies", "targets"];

    private readonly Pace _pace = new(options.StatusesPerSecond, time);
    private readonly Dictionary<ResourceKey, ObjectStatus> _written = [];

    // As far as this replica has seen objects: what it writes on top of anything newer would be older than that.
    private readonly Dictionary<ResourceKey, string> _versions = [];
    private readonly Dictionary<string, ApiResource?> _resources = new(StringComparer.Ordinal);

    // Gateway API's grants have no status.
    private IEnumerable<ResourceKind> Kinds => ResourceKinds.All.Where(kind => kind.Group.EndsWith("smi-spec.io", StringComparison.Ordinal) || kind.Group.EndsWith("openservicemesh.io", StringComparison.Ordinal))
        .Concat(plugins.Current().All.Where(kind => kind.Group.Length > 0 && !IsForeign(kind)));

    // A plugin that reads somebody else's kind, such as Contour's HTTPProxy, names only what it reads of it. Its status is for whom the kind is of.
    private static bool IsForeign(ResourceKind kind) => kind.Schema?.Invoke(kind.Versions[0]).IgnoresUnknown == true;

    public async Task<IReadOnlyList<ObjectStatus>> ReadAsync(CancellationToken cancellationToken)
    {
        _written.Clear();
        _versions.Clear();
        _resources.Clear();
        foreach (var kind in Kinds)
        {
            if (await ResourceOfAsync(kind.Kind, cancellationToken).ConfigureAwait(false) is { } resource)
            {
                await ReadAsync(kind, resource, cancellationToken).ConfigureAwait(false);
            }
        }

        return [.. _written.Values];
    }

    public async Task WriteAsync(IReadOnlyList<ObjectStatus> changed, IReadOnlyList<ResourceKey> gone, CancellationToken cancellationToken)
    {
        foreach (var key in gone)
        {
            _written.Remove(key);
            _versions.Remove(key);
        }

        foreach (var status in changed)
        {
            var before = _written.GetValueOrDefault(status.Object);
            if (status.Equals(before) || await ResourceOfAsync(status.Object.Kind, cancellationToken).ConfigureAwait(false) is not { } resource)
            {
                continue;
            }

            await _pace.TakeAsync(cancellationToken).ConfigureAwait(false);
            if (await PatchAsync(resource, status, cancellationToken).ConfigureAwait(false) is { } written)
            {
                _written[status.Object] = status;
                if (written.AsObject().Count > 0)
                {
                    _versions[status.Object] = VersionOf(written);
                    await events.TellAsync(before, status, written, cancellationToken).ConfigureAwait(false);
                }
            }
            else
            {
                // It is gone, or its kind is; the next look will tell.
                _resources.Remove(status.Object.Kind);
            }
        }
    }

    /// <summary>What is written of a status.</summary>
    /// <param name="status">The status.</param>
    /// <param name="version">On top of which version of the object; empty for any.</param>
    public static JsonObject Patch(ObjectStatus status, string version = "")
    {
        var fields = StatusDocument.Of(status)["status"]!.DeepClone().AsObject();
        // What is not said any more must go, which in a merge patch is said by null.
        foreach (var field in Optional.Where(field => !fields.ContainsKey(field)))
        {
            fields[field] = null;
        }

        return version.Length == 0 ? new() { ["status"] = fields } : new() { ["metadata"] = new JsonObject { ["resourceVersion"] = version }, ["status"] = fields };
    }

    private static string VersionOf(JsonNode? found) => (string?)found?["metadata"]?["resourceVersion"] ?? "";

    private async Task<JsonNode?> PatchAsync(ApiResource resource, ObjectStatus status, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), new(options.Seed));
        var path = resource.Of(status.Object.Namespace, status.Object.Name);
        var version = _versions.GetValueOrDefault(status.Object, "");
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await leader.WriteAsync(
                    new("patch", $"{resource.Plural}/status", $"{path}/status") { Body = Patch(status, version), ContentType = ApiCall.MergePatch }, cancellationToken).ConfigureAwait(false);
            }
            catch (ClusterCallException conflict) when (conflict.IsConflict && attempt < Attempts)
            {
                // Somebody has changed it since, perhaps another leader; whether this one still is one is asked with the write.
                if (await VersionOfAsync(resource, status.Object, cancellationToken).ConfigureAwait(false) is not { } now)
                {
                    return null;
                }

                version = now;
            }
            catch (ClusterCallException refusal) when (refusal.Status is 429 or >= 500 && attempt < Attempts)
            {
                await Task.Delay(backoff.Next(refusal.RetryAfter), time, cancellationToken).ConfigureAwait(false);
            }
            catch (ClusterCallException refusal) when (refusal.Status is >= 400 and < 500 && !refusal.IsConflict && refusal.Status != 429)
            {
                // One object must not hold up all others.
                Log.Refused(logger, status.Object, refusal.Message);
                return new JsonObject();
            }
        }
    }

    private async Task<string?> VersionOfAsync(ApiResource resource, ResourceKey key, CancellationToken cancellationToken)
    {
        var found = await client.FindAsync(
            new("list", resource.Plural, resource.In(key.Namespace)) { Query = $"fieldSelector=metadata.name%3D{Uri.EscapeDataString(key.Name)}", Accept = ApiCall.MetadataList }, cancellationToken).ConfigureAwait(false);
        return (found?["items"] as JsonArray)?.Select(VersionOf).FirstOrDefault();
    }

    private async Task ReadAsync(ResourceKind kind, ApiResource resource, CancellationToken cancellationToken)
    {
        var next = "";
        do
        {
            var page = await client.AskAsync(new("list", resource.Plural, resource.All) { Query = $"limit={PageSize}{(next.Length > 0 ? $"&continue={Uri.EscapeDataString(next)}" : "")}" }, cancellationToken)
                .ConfigureAwait(false);
            foreach (var item in page["items"] as JsonArray ?? [])
            {
                var document = new JsonObject
                {
                    ["kind"] = kind.Kind, ["namespace"] = (string?)item!["metadata"]?["namespace"] ?? "", ["name"] = (string?)item["metadata"]?["name"], ["status"] = item["status"]?.DeepClone(),
                };
                if (StatusDocument.Read(document) is { } status)
                {
                    _written[status.Object] = status;
                }

                _versions[new(kind.Kind, (string?)document["namespace"] ?? "", (string?)document["name"] ?? "")] = VersionOf(item);
            }

            next = (string?)page["metadata"]?["continue"] ?? "";
        }
        while (next.Length > 0);
    }

    private async Task<ApiResource?> ResourceOfAsync(string kind, CancellationToken cancellationToken)
    {
        if (!_resources.TryGetValue(kind, out var known))
        {
            var found = Kinds.FirstOrDefault(candidate => candidate.Kind == kind) is { } read ? await catalog.FindAsync(read, cancellationToken).ConfigureAwait(false) : null;
            _resources[kind] = known = found is { HasStatus: true } ? found : null;
        }

        return known;
    }

    private static partial class Log
    {
        [LoggerMessage(5350, LogLevel.Warning, "The status of {Object} is not written: {Reason}")]
        public static partial void Refused(ILogger logger, ResourceKey @object, string reason);
    }
}
