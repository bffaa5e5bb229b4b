using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace OsmExt.Cli.Cluster;

/// <summary>Which mesh namespaces belong to, and what their pods get.</summary>
internal sealed class NamespaceMembership(ClusterSession session)
{
    /// <summary>Puts namespaces into a mesh: all of them, or, when one cannot be, none.</summary>
    public async Task<IReadOnlyList<string>> AddAsync(IReadOnlyList<string> names, string mesh, bool inject, CancellationToken cancellation)
    {
        await ClusterMesh.FindAsync(session, mesh, cancellation).ConfigureAwait(false);
        var controllers = (await ClusterMesh.AllAsync(session, cancellation).ConfigureAwait(false)).Select(each => each.Namespace).ToHashSet(StringComparer.Ordinal);
        var found = await ReadAsync(names, cancellation).ConfigureAwait(false);
        foreach (var ns in found)
        {
            var owner = ns.GetLabel(MeshNames.MonitoredBy);
            var problem = controllers.Contains(ns.Metadata.Name) ? $"namespace {ns.Metadata.Name} has a mesh's control plane in it and cannot be part of a mesh"
                : ns.GetLabel(MeshNames.Ignore) is not null ? $"namespace {ns.Metadata.Name} is ignored; osm namespace remove {ns.Metadata.Name} ends that"
                : owner is not null && owner != mesh ? $"namespace {ns.Metadata.Name} belongs to mesh {owner}; osm namespace remove {ns.Metadata.Name} --mesh-name {owner} takes it out"
                : null;
            if (problem is not null)
            {
                throw new CommandException($"{problem}; nothing was changed", ExitCode.UnusableInput);
            }
        }

        var word = inject ? "enabled" : "disabled";
        var said = new List<string>();
        foreach (var ns in found)
        {
            if (ns.GetLabel(MeshNames.MonitoredBy) == mesh && ns.GetAnnotation(MeshNames.SidecarInjection) == word)
            {
                said.Add($"Namespace {ns.Metadata.Name} is in mesh {mesh} already, with sidecar injection {word}.");
                continue;
            }

            await PatchAsync(ns.Metadata.Name, new() { [MeshNames.MonitoredBy] = mesh }, new() { [MeshNames.SidecarInjection] = word }, cancellation).ConfigureAwait(false);
            said.Add($"Namespace {ns.Metadata.Name} is in mesh {mesh} now, with sidecar injection {word}.{await RestartsAsync(ns.Metadata.Name, inject, cancellation).ConfigureAwait(false)}");
        }

        return said;
    }

    /// <summary>Takes a namespace out of a mesh.</summary>
    public async Task<string> RemoveAsync(string name, string mesh, CancellationToken cancellation)
    {
        var ns = (await ReadAsync([name], cancellation).ConfigureAwait(false))[0];
        var owner = ns.GetLabel(MeshNames.MonitoredBy);
        if (owner is null && ns.GetLabel(MeshNames.Ignore) is null)
        {
            return $"Namespace {name} is in no mesh.";
        }

        if (owner is not null && owner != mesh)
        {
            throw new CommandException($"namespace {name} belongs to mesh {owner}, not to {mesh}; say --mesh-name {owner}", ExitCode.UnusableInput);
        }

        await PatchAsync(
            name, new() { [MeshNames.MonitoredBy] = null, [MeshNames.Ignore] = null },
            new() { [MeshNames.SidecarInjection] = null, [MeshNames.Metrics] = null }, cancellation).ConfigureAwait(false);
        var left = (await MeshedPodsAsync(name, cancellation).ConfigureAwait(false)).Count;
        return owner is null ? $"Namespace {name} is no longer ignored."
            : $"Namespace {name} is no longer in mesh {mesh}.{(left == 0 ? "" : $" {left} of its pods keep their sidecars until they are restarted: kubectl rollout restart deployment -n {name}")}";
    }

    /// <summary>Has meshes leave namespaces alone.</summary>
    public async Task<IReadOnlyList<string>> IgnoreAsync(IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var found = await ReadAsync(names, cancellation).ConfigureAwait(false);
        foreach (var ns in found)
        {
            await PatchAsync(ns.Metadata.Name, new() { [MeshNames.Ignore] = "true" }, null, cancellation).ConfigureAwait(false);
        }

        return [.. found.Select(ns => $"Namespace {ns.Metadata.Name} is ignored: its new pods get no sidecar{(ns.GetLabel(MeshNames.MonitoredBy) is { } mesh ? $", though it is in mesh {mesh}" : "")}.")];
    }

    /// <summary>Has the sidecars of namespaces offer their statistics to Prometheus, or no longer.</summary>
    public async Task<IReadOnlyList<string>> SetMetricsAsync(IReadOnlyList<string> names, bool enabled, CancellationToken cancellation)
    {
        var meshes = (await ClusterMesh.AllAsync(session, cancellation).ConfigureAwait(false)).Select(mesh => mesh.Name).ToArray();
        var found = await ReadAsync(names, cancellation).ConfigureAwait(false);
        foreach (var ns in found)
        {
            var owner = ns.GetLabel(MeshNames.MonitoredBy);
            if (owner is null || !meshes.Contains(owner, StringComparer.Ordinal))
            {
                throw new CommandException(owner is null ? $"namespace {ns.Metadata.Name} is in no mesh; osm namespace add {ns.Metadata.Name} puts it into one"
                    : $"namespace {ns.Metadata.Name} belongs to mesh {owner}, which is not there; there is {(meshes.Length == 0 ? "none" : string.Join(", ", meshes))}", ExitCode.UnusableInput);
            }
        }

        var said = new List<string>();
        foreach (var ns in found)
        {
            var name = ns.Metadata.Name;
            await PatchAsync(name, null, new() { [MeshNames.Metrics] = enabled ? "enabled" : "disabled" }, cancellation).ConfigureAwait(false);
            var pods = await MeshedPodsAsync(name, cancellation).ConfigureAwait(false);
            foreach (var pod in pods)
            {
                var patch = Patch(null, new()
                {
                    ["prometheus.io/scrape"] = enabled ? "true" : null,
                    ["prometheus.io/port"] = enabled ? $"{MeshNames.StatsPort}" : null,
                    ["prometheus.io/path"] = enabled ? MeshNames.StatsPath : null,
                });
                await session.Api.CoreV1.PatchNamespacedPodAsync(patch, pod, name, cancellationToken: cancellation).ConfigureAwait(false);
            }

            said.Add($"Metrics of namespace {name} are {(enabled ? "enabled" : "disabled")}: {pods.Count} {(pods.Count == 1 ? "pod" : "pods")} changed.");
        }

        return said;
    }

    /// <summary>All namespaces that have to do with meshes, or with one.</summary>
    public async Task<IReadOnlyList<V1Namespace>> ListAsync(string? mesh, CancellationToken cancellation)
    {
        var all = await session.Api.CoreV1.ListNamespaceAsync(cancellationToken: cancellation).ConfigureAwait(false);
        return [.. all.Items.Where(ns => mesh is null ? ns.GetLabel(MeshNames.MonitoredBy) is not null || ns.GetLabel(MeshNames.Ignore) is not null : ns.GetLabel(MeshNames.MonitoredBy) == mesh)
            .OrderBy(ns => ns.Metadata.Name, StringComparer.Ordinal)];
    }

    /// <summary>The pods of a namespace that have a sidecar.</summary>
    public async Task<IReadOnlyList<string>> MeshedPodsAsync(string ns, CancellationToken cancellation)
        => [.. (await session.Api.CoreV1.ListNamespacedPodAsync(ns, labelSelector: MeshNames.ProxyUuid, cancellationToken: cancellation).ConfigureAwait(false)).Items.Select(pod => pod.Metadata.Name)];

    // Sidecars come with new pods only, which is easily forgotten.
    private async Task<string> RestartsAsync(string ns, bool inject, CancellationToken cancellation)
    {
        var pods = (await session.Api.CoreV1.ListNamespacedPodAsync(ns, cancellationToken: cancellation).ConfigureAwait(false)).Items.Count(pod => pod.GetLabel(MeshNames.ProxyUuid) is null);
        return inject && pods > 0 ? $" {pods} of its pods have no sidecar until they are restarted: kubectl rollout restart deployment -n {ns}" : "";
    }

    private async Task<IReadOnlyList<V1Namespace>> ReadAsync(IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var found = new List<V1Namespace>();
        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            try
            {
                found.Add(await session.Api.CoreV1.ReadNamespaceAsync(name, cancellationToken: cancellation).ConfigureAwait(false));
            }
            catch (HttpOperationException failure) when (failure.Is(HttpStatusCode.NotFound))
            {
                throw new CommandException($"there is no namespace {name} in {session.Connection.Name}; kubectl create namespace {name} makes it", ExitCode.UnusableInput);
            }
        }

        return found;
    }

    private Task<V1Namespace> PatchAsync(string ns, Dictionary<string, string?>? labels, Dictionary<string, string?>? annotations, CancellationToken cancellation)
        => session.Api.CoreV1.PatchNamespaceAsync(Patch(labels, annotations), ns, cancellationToken: cancellation);

    private static V1Patch Patch(Dictionary<string, string?>? labels, Dictionary<string, string?>? annotations)
    {
        var metadata = new Dictionary<string, object>();
        if (labels is not null)
        {
            metadata["labels"] = labels;
        }

        if (annotations is not null)
        {
            metadata["annotations"] = annotations;
        }

        // As text, since null stands for "remove" and the client leaves nulls out.
        return new(System.Text.Json.JsonSerializer.Serialize(new { metadata }), V1Patch.PatchType.MergePatch);
    }
}
