namespace OsmExt.E2E;

/// <summary>A file that is deleted in the end.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(string text) => File.WriteAllText(Path, text);

    public string Path { get; } = System.IO.Path.Join(System.IO.Path.GetTempPath(), $"osm-e2e-{System.IO.Path.GetRandomFileName()}.yaml");

    public void Dispose() => File.Delete(Path);
}
