using System.Text.Json;
using k8s;
using k8s.Models;

namespace OsmExt.Cli.Clusters;

/// <summary>Takes a mesh out of a cluster, and says each thing it does.</summary>
internal sealed class MeshRemoval(ClusterSession session, TextWriter said)
{
    private readonly ClusterKinds _kinds = new(session);

    /// <summary>Removes the control plane, what it wrote on namespaces, and the namespace if asked.</summary>
    public async Task MeshAsync(Helm helm, ClusterMesh mesh, bool withNamespace, CancellationToken cancellation)
    {
        await helm.RunAsync(["uninstall", mesh.Name, "--namespace", mesh.Namespace, "--wait"], $"mesh {mesh.Name} is not uninstalled", cancellation).ConfigureAwait(false);
        await said.WriteLineAsync($"Mesh {mesh.Name} in namespace {mesh.Namespace} is uninstalled.").ConfigureAwait(false);
        foreach (var ns in await mesh.NamespacesAsync(session, cancellation).ConfigureAwait(false))
        {
            var metadata = new
            {
                labels = new Dictionary<string, string?> { [MeshNames.MonitoredBy] = null, [MeshNames.Ignore] = null },
                annotations = new Dictionary<string, string?> { [MeshNames.SidecarInjection] = null, [MeshNames.Metrics] = null },
            };
            await session.Api.CoreV1.PatchNamespaceAsync(new V1Patch(JsonSerializer.Serialize(new { metadata }), V1Patch.PatchType.MergePatch), ns, cancellationToken: cancellation).ConfigureAwait(false);
            await said.WriteLineAsync($"Namespace {ns} is in no mesh any more.").ConfigureAwait(false);
        }

        await DeleteAsync($"apis/coordination.k8s.io/v1/namespaces/{mesh.Namespace}/leases/{MeshNames.Controller}", $"Lease {mesh.Namespace}/{MeshNames.Controller}", cancellation, mayBeAbsent: true).ConfigureAwait(false);
        if (withNamespace)
        {
            await DeleteAsync($"api/v1/namespaces/{mesh.Namespace}", $"Namespace {mesh.Namespace}", cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Removes webhooks and the certificate authority.</summary>
    public async Task AuthorityAsync(string ns, string mesh, string secret, CancellationToken cancellation)
    {
        foreach (var kind in (string[])["mutatingwebhookconfigurations", "validatingwebhookconfigurations"])
        {
            var path = $"apis/admissionregistration.k8s.io/v1/{kind}";
            var found = await _kinds.ReadAsync($"{path}?labelSelector={Uri.EscapeDataString($"app.kubernetes.io/name=openservicemesh.io,app.kubernetes.io/instance={mesh}")}", cancellation).ConfigureAwait(false);
            foreach (var name in (found?["items"]?.AsArray() ?? []).Select(item => $"{item!["metadata"]!["name"]}").ToArray())
            {
                await DeleteAsync($"{path}/{name}", $"Webhook {name}", cancellation).ConfigureAwait(false);
            }
        }

        await DeleteAsync($"api/v1/namespaces/{ns}/secrets/{secret}", $"Secret {ns}/{secret}", cancellation).ConfigureAwait(false);
        await WrittenAsync($"namespaces/{ns}/", cancellation).ConfigureAwait(false);
    }

    /// <summary>Removes what control planes wrote into other namespaces: certificates for gateways. Only where no mesh is left.</summary>
    public Task LeftAsync(CancellationToken cancellation) => WrittenAsync("", cancellation);

    /// <summary>Removes the definitions of the mesh's kinds, and all objects of these kinds with them.</summary>
    public async Task DefinitionsAsync(CancellationToken cancellation)
    {
        foreach (var name in Definitions.Names)
        {
            await DeleteAsync(Definitions.PathOf(name), $"Definition {name}", cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>How many objects would go with the definitions.</summary>
    public async Task<int> CountAsync(CancellationToken cancellation)
    {
        var count = 0;
        foreach (var name in Definitions.Names)
        {
            if (await _kinds.ReadAsync(Definitions.PathOf(name), cancellation).ConfigureAwait(false) is { } definition)
            {
                var version = definition["spec"]!["versions"]!.AsArray().First(each => (bool)each!["storage"]!)!["name"];
                count += (await _kinds.ListAsync($"{definition["spec"]!["group"]}/{version}", $"{definition["spec"]!["names"]!["kind"]}", cancellation).ConfigureAwait(false)).Count;
            }
        }

        return count;
    }

    // Further roots, which root does what, certificates for gateways: control planes mark what they make.
    private async Task WrittenAsync(string within, CancellationToken cancellation)
    {
        foreach (var (plural, kind) in new[] { ("secrets", "Secret"), ("configmaps", "ConfigMap") })
        {
            var found = await _kinds.ReadAsync($"api/v1/{within}{plural}?labelSelector={Uri.EscapeDataString($"app.kubernetes.io/managed-by={MeshNames.Controller},app.kubernetes.io/part-of=openservicemesh.io")}", cancellation).ConfigureAwait(false);
            foreach (var metadata in (found?["items"]?.AsArray() ?? []).Select(item => item!["metadata"]!).ToArray())
            {
                await DeleteAsync($"api/v1/namespaces/{metadata["namespace"]}/{plural}/{metadata["name"]}", $"{kind} {metadata["namespace"]}/{metadata["name"]}", cancellation).ConfigureAwait(false);
            }
        }
    }

    private async Task DeleteAsync(string path, string what, CancellationToken cancellation, bool mayBeAbsent = false)
    {
        var was = await _kinds.DeleteAsync(path, cancellation).ConfigureAwait(false);
        if (was || !mayBeAbsent)
        {
            await said.WriteLineAsync(was ? $"{what} is deleted." : $"{what} is not there; ignored.").ConfigureAwait(false);
        }
    }
}
