namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>The manifests and the state of one control plane, on disk. It outlives the control plane that runs on it.</summary>
internal sealed class MeshDirectory : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("osm-").FullName;

    public MeshDirectory()
    {
        Directory.CreateDirectory(Manifests);
        Write("00-mesh.yaml", Shop.Config());
        Write("endpoints-store.yaml", Shop.StoreEndpoints());
        Write("endpoints-till.yaml", Shop.TillEndpoints);
        Write("policy.yaml", Shop.Policy());
        Write("workloads.yaml", Shop.Workloads);
    }

    public string Manifests => Path.Combine(_root, "manifests");

    public string State => Path.Combine(_root, "state");

    public string PathOf(string name) => Path.Combine(Manifests, name);

    /// <summary>As a careful writer does it: readers see the old file or the new one.</summary>
    public void Write(string name, string yaml)
    {
        var unfinished = Path.Combine(_root, "unfinished");
        File.WriteAllText(unfinished, yaml);
        File.Move(unfinished, PathOf(name), overwrite: true);
    }

    public void Delete(string name) => File.Delete(PathOf(name));

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
