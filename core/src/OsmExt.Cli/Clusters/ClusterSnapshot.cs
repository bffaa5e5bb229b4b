using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.PluginHost;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Clusters;

/// <summary>A cluster's objects read once, as the control plane reads them.</summary>
internal static class ClusterSnapshot
{
    /// <summary>Reads every kind the mesh reads. Kinds the cluster does not have are left out; Secrets are not read.</summary>
    public static async Task<ResourceSnapshot> ReadAsync(ClusterSession session, PluginSet plugins, CancellationToken cancellation)
    {
        var kinds = new ClusterKinds(session);
        var pluginKinds = new PluginKinds(plugins.Kinds, secrets: false);
        var (changes, diagnostics) = (new List<ResourceChange>(), new List<Diagnostic>());
        foreach (var (group, versions, kind) in ResourceKinds.All.Concat(pluginKinds.All).Select(kind => (kind.Group, kind.Versions, kind.Kind)))
        {
            foreach (var version in versions.Select(version => group.Length == 0 ? version : $"{group}/{version}"))
            {
                var items = await kinds.ListAsync(version, kind, cancellation).ConfigureAwait(false);
                if (items.Count > 0)
                {
                    var list = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. items.Select(item => item.DeepClone())]) };
                    var read = ManifestReader.Read(list.ToJsonString(), "", pluginKinds);
                    // A place in the list says nothing to anybody.
                    changes.AddRange(read.Objects.Where(found => found.Resource is not null).Select(found => new ResourceChange(found.Key, found.Resource)));
                    diagnostics.AddRange(read.Diagnostics.Select(finding => finding with { Location = null }));
                    break;
                }
            }
        }

        return ResourceSnapshot.Empty.Apply(new ResourceBatch(changes.OrderBy(change => change.Key).ToEquatableArray(), diagnostics.Distinct().Order().ToEquatableArray(), IsSynced: true, 0), out _);
    }
}
