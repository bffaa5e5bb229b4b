using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Observability;

/// <summary>
/// Objects somebody wants to see in force: as they are in manifests or on a cluster, or gone. They are compared with what has been read by content, so that the
/// answer is the same from every replica and source, whatever its revisions are.
/// </summary>
internal sealed class AskedObjects
{
    private readonly IReadOnlyList<Resource> _wanted;
    private readonly IReadOnlyList<ResourceKey> _absent;

    private AskedObjects(IReadOnlyList<Resource> wanted, IReadOnlyList<ResourceKey> absent, IReadOnlyList<Diagnostic> problems) => (_wanted, _absent, Problems) = (wanted, absent, problems);

    /// <summary>Why they cannot be used as they are written.</summary>
    public IReadOnlyList<Diagnostic> Problems { get; }

    /// <param name="manifests">Manifests, YAML or JSON; kinds that the mesh does not read are passed over.</param>
    /// <param name="kinds">The kinds of plugins.</param>
    /// <param name="absent">Objects that are to be gone.</param>
    public static AskedObjects Read(string manifests, PluginKinds kinds, IEnumerable<ResourceKey> absent)
    {
        var file = ManifestReader.Read(manifests, "request", kinds);
        // Of several the first counts, as in a directory.
        return new([.. file.Resources.DistinctBy(static resource => resource.Key)], [.. absent],
            [.. file.Diagnostics.Where(static finding => finding.Severity == Severity.Error)]);
    }

    /// <summary>Those that are not as they should be.</summary>
    public IReadOnlyList<ResourceKey> MissingIn(ResourceSnapshot snapshot) =>
        [.. _wanted.Where(wanted => !Is(wanted, snapshot.Find(wanted.Key))).Select(static wanted => wanted.Key), .. _absent.Where(key => snapshot.Find(key) is not null)];

    /// <summary>What is wrong with them.</summary>
    public IReadOnlyList<Diagnostic> FindingsIn(IReadOnlyList<Diagnostic> all)
    {
        var keys = _wanted.Select(static wanted => wanted.Key).ToHashSet();
        return [.. all.Where(finding => finding.Object is { } about && keys.Contains(about))];
    }

    // A later generation of the same object came after it.
    private static bool Is(Resource wanted, Resource? found) => wanted.Equals(found)
        || (found is not null && wanted.Metadata is { Uid.Length: > 0, Generation: { } asked } && found.Metadata.Uid == wanted.Metadata.Uid && found.Metadata.Generation >= asked);
}
