namespace OsmExt.Cli.Tests;

/// <summary>A directory for one test.</summary>
internal sealed class TempDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("osm-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
