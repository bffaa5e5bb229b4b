namespace OsmExt.E2E;

/// <summary>The directory of manifests a mesh runs from. Files appear, change and go as a whole, as with an editor's save.</summary>
internal sealed class ManifestFolder(string path)
{
    public string Path { get; } = Directory.CreateDirectory(path).FullName;

    public void Write(string name, params string[] documents)
    {
        var file = System.IO.Path.Join(Path, $"{name}.yaml");
        File.WriteAllText($"{file}.new", string.Join("\n---\n", documents));
        File.Move($"{file}.new", file, overwrite: true);
    }

    public void Delete(string name) => File.Delete(System.IO.Path.Join(Path, $"{name}.yaml"));

    /// <summary>Writes a file that is deleted when the test ends.</summary>
    public IDisposable WriteForNow(string name, params string[] documents)
    {
        Write(name, documents);
        return new Deletion(this, name);
    }

    private sealed class Deletion(ManifestFolder folder, string name) : IDisposable
    {
        public void Dispose() => folder.Delete(name);
    }
}
