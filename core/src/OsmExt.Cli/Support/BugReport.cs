using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Autorest;
using OsmExt.Cli.Clusters;

namespace OsmExt.Cli.Support;

/// <summary>
/// Collects what somebody who was not there needs to see, as an archive. What cannot be had is said in its report.txt, and stops nothing. Secrets are in
/// it by name only, and without the values of environment variables.
/// </summary>
internal sealed class BugReport : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private readonly ClusterSession _session;
    private readonly ClusterKinds _kinds;
    private readonly TimeProvider _time;
    private readonly Stream _target;
    private readonly GZipStream _compressed;
    private readonly TarWriter _archive;
    private readonly StringBuilder _report = new();

    public BugReport(ClusterSession session, Stream target, TimeProvider time)
    {
        (_session, _kinds, _target, _time) = (session, new(session), target, time);
        _compressed = new(target, CompressionLevel.Optimal);
        _archive = new(_compressed, TarEntryFormat.Pax);
        Say($"Report of {session.Connection.Name}, made {time.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}");
    }

    /// <summary>How many things could not be had.</summary>
    public int Missing { get; private set; }

    /// <summary>The cluster, the control plane and the mesh's objects.</summary>
    public async Task AddMeshAsync(CancellationToken cancellation)
    {
        await AddAsync("cluster/version.json", () => _kinds.ReadAsync("version", cancellation)).ConfigureAwait(false);
        await AddListAsync("cluster/nodes.json", "v1", "Node", null, cancellation).ConfigureAwait(false);
        await AddListAsync("cluster/namespaces.json", "v1", "Namespace", null, cancellation).ConfigureAwait(false);
        var ns = _session.OsmNamespace;
        await AddNamespaceAsync(ns, "control-plane", [], cancellation).ConfigureAwait(false);
        foreach (var (version, kind) in new[] { ("apps/v1", "Deployment"), ("coordination.k8s.io/v1", "Lease"), ("v1", "ConfigMap") })
        {
            await AddListAsync($"control-plane/{kind.ToLowerInvariant()}s.json", version, kind, ns, cancellation).ConfigureAwait(false);
        }

        foreach (var kind in (string[])["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"])
        {
            await AddListAsync($"control-plane/{kind.ToLowerInvariant()}s.json", "admissionregistration.k8s.io/v1", kind, null, cancellation).ConfigureAwait(false);
        }

        await AddAsync("control-plane/secret-names.json", async () => new JsonArray([.. (await _kinds.ListAsync("v1", "Secret", cancellation, ns).ConfigureAwait(false)).Select(secret => (JsonNode)$"{secret["metadata"]!["name"]}")])).ConfigureAwait(false);
        await AddControlPlanePagesAsync(cancellation).ConfigureAwait(false);
        await AddObjectsAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>A namespace: its pods, Services and events, and everything about the sidecars of pods.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="pods">The pods; all that have a sidecar when there are none.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task AddApplicationsAsync(string ns, IReadOnlyList<string> pods, CancellationToken cancellation)
    {
        await AddNamespaceAsync(ns, $"namespaces/{ns}", [MeshNames.Envoy, "osm-init"], cancellation).ConfigureAwait(false);
        foreach (var pod in pods.Count > 0 ? pods : await MeshedAsync(ns, cancellation).ConfigureAwait(false))
        {
            foreach (var query in (string[])["config_dump?include_eds", "clusters?format=json", "listeners?format=json", "stats?format=json", "certs", "ready", "server_info"])
            {
                await AddTextAsync($"namespaces/{ns}/pods/{pod}/{query.Split('?')[0]}", async () =>
                {
                    using var admin = await RunningMesh.AdminAsync(_session, $"{ns}/{pod}", cancellation).ConfigureAwait(false);
                    return await admin.GetStringAsync(new Uri($"/{query}", UriKind.Relative), cancellation).ConfigureAwait(false);
                }).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Ingresses, and the controllers that are known.</summary>
    public async Task AddIngressAsync(CancellationToken cancellation)
    {
        await AddListAsync("ingress/ingresses.json", "networking.k8s.io/v1", "Ingress", null, cancellation).ConfigureAwait(false);
        foreach (var label in (string[])["ingress-nginx", "contour"])
        {
            var found = await _kinds.ReadAsync($"api/v1/pods?labelSelector={Uri.EscapeDataString($"app.kubernetes.io/name={label}")}", cancellation).ConfigureAwait(false);
            foreach (var pod in found?["items"]?.AsArray().ToArray() ?? [])
            {
                await AddLogsAsync("ingress", $"{pod!["metadata"]!["namespace"]}", pod, [], cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Ends the archive.</summary>
    public async ValueTask DisposeAsync()
    {
        Say(Missing == 0 ? "Everything could be had." : $"{Missing} things could not be had.");
        await WriteAsync("report.txt", _report.ToString()).ConfigureAwait(false);
        await _archive.DisposeAsync().ConfigureAwait(false);
        await _compressed.DisposeAsync().ConfigureAwait(false);
        await _target.DisposeAsync().ConfigureAwait(false);
    }

    private async Task AddControlPlanePagesAsync(CancellationToken cancellation)
    {
        try
        {
            using var mesh = await RunningMesh.OfAsync(_session, cancellation).ConfigureAwait(false);
            foreach (var replica in mesh.Replicas)
            {
                foreach (var page in (string[])["proxies", "diagnostics", "certificates", "status", "plugins", "convergence", "revision"])
                {
                    await AddAsync($"control-plane/{replica.Name.Split('/')[^1]}/{page}.json", () => RunningMesh.ReadAsync(replica, page, cancellation)!).ConfigureAwait(false);
                }
            }
        }
        catch (CommandException failure)
        {
            Miss("control-plane pages", failure.Message);
        }
    }

    private async Task AddObjectsAsync(CancellationToken cancellation)
    {
        foreach (var name in Definitions.Names)
        {
            var definition = await _kinds.ReadAsync(Definitions.PathOf(name), cancellation).ConfigureAwait(false);
            var version = definition?["spec"]!["versions"]!.AsArray().First(each => (bool)each!["storage"]!)!["name"];
            if (definition is null)
            {
                Miss($"objects/{name}.json", "the kind is not in the cluster");
                continue;
            }

            await AddListAsync($"objects/{name}.json", $"{definition["spec"]!["group"]}/{version}", $"{definition["spec"]!["names"]!["kind"]}", null, cancellation).ConfigureAwait(false);
        }
    }

    private async Task AddNamespaceAsync(string ns, string folder, string[] containers, CancellationToken cancellation)
    {
        await AddListAsync($"{folder}/events.json", "v1", "Event", ns, cancellation).ConfigureAwait(false);
        await AddListAsync($"{folder}/services.json", "v1", "Service", ns, cancellation).ConfigureAwait(false);
        await AddListAsync($"{folder}/pods.json", "v1", "Pod", ns, cancellation).ConfigureAwait(false);
        foreach (var pod in await _kinds.ListAsync("v1", "Pod", cancellation, ns).ConfigureAwait(false))
        {
            await AddLogsAsync(folder, ns, pod, containers, cancellation).ConfigureAwait(false);
        }
    }

    // Logs of applications are their owners' business.
    private async Task AddLogsAsync(string folder, string ns, JsonNode pod, string[] containers, CancellationToken cancellation)
    {
        var name = $"{pod["metadata"]!["name"]}";
        var all = (pod["spec"]?["containers"]?.AsArray() ?? []).Concat(pod["spec"]?["initContainers"]?.AsArray() ?? []).Select(container => $"{container!["name"]}");
        foreach (var container in all.Where(container => containers.Length == 0 || containers.Contains(container, StringComparer.Ordinal)))
        {
            var path = $"api/v1/namespaces/{ns}/pods/{name}/log?container={container}";
            await AddTextAsync($"{folder}/pods/{name}/{container}.log", () => _kinds.ReadTextAsync(path, cancellation)!).ConfigureAwait(false);
            var restarts = (pod["status"]?["containerStatuses"]?.AsArray() ?? []).Any(status => $"{status!["name"]}" == container && (int?)status["restartCount"] > 0);
            if (restarts)
            {
                await AddTextAsync($"{folder}/pods/{name}/{container}.previous.log", () => _kinds.ReadTextAsync($"{path}&previous=true", cancellation)!).ConfigureAwait(false);
            }
        }
    }

    private async Task<IReadOnlyList<string>> MeshedAsync(string ns, CancellationToken cancellation)
        => await new NamespaceMembership(_session).MeshedPodsAsync(ns, cancellation).ConfigureAwait(false);

    private Task AddListAsync(string path, string version, string kind, string? ns, CancellationToken cancellation)
        => AddAsync(path, async () => new JsonArray([.. (await _kinds.ListAsync(version, kind, cancellation, ns).ConfigureAwait(false)).Select(Quiet)]));

    private Task AddAsync(string path, Func<Task<JsonNode?>> read) => AddTextAsync(path, async () => (await read().ConfigureAwait(false))?.ToJsonString(Indented) ?? "");

    private Task AddAsync(string path, Func<Task<JsonArray>> read) => AddTextAsync(path, async () => (await read().ConfigureAwait(false)).ToJsonString(Indented));

    private async Task AddTextAsync(string path, Func<Task<string>> read)
    {
        try
        {
            await WriteAsync(path, await read().ConfigureAwait(false) ?? "").ConfigureAwait(false);
        }
        catch (HttpOperationException failure)
        {
            Miss(path, ApiFailure.Message(failure));
        }
        catch (Exception failure) when (failure is CommandException or HttpRequestException or JsonException or TaskCanceledException { InnerException: TimeoutException })
        {
            Miss(path, failure.InnerException?.Message ?? failure.Message);
        }
    }

    private async Task WriteAsync(string path, string text)
    {
        var entry = new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), ModificationTime = _time.GetUtcNow(), Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        await _archive.WriteEntryAsync(entry).ConfigureAwait(false);
    }

    private void Miss(string path, string why)
    {
        Missing++;
        Say($"missing {path}: {why}");
    }

    private void Say(string line) => _report.Append(CultureInfo.InvariantCulture, $"{line}\n");

    // What people put into the environment of containers is often a password.
    private static JsonNode Quiet(JsonNode item)
    {
        var copy = item.DeepClone();
        Quieten(copy);
        return copy;

        static void Quieten(JsonNode? node)
        {
            if (node is JsonArray list)
            {
                foreach (var child in list)
                {
                    Quieten(child);
                }
            }
            else if (node is JsonObject fields)
            {
                fields.Remove("managedFields");
                fields.Remove("kubectl.kubernetes.io/last-applied-configuration");
                foreach (var variable in fields["env"] as JsonArray ?? [])
                {
                    if (variable is JsonObject { } one && one.ContainsKey("value"))
                    {
                        one["value"] = "[redacted]";
                    }
                }

                foreach (var child in fields.Select(field => field.Value).ToArray())
                {
                    Quieten(child);
                }
            }
        }
    }
}
