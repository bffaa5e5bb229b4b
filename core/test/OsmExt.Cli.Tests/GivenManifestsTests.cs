using OsmExt.Cli.Applying;

namespace OsmExt.Cli.Tests;

/// <summary>What is applied from a directory is what a mesh reads from one.</summary>
public sealed class GivenManifestsTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Hidden_files_are_passed_over()
    {
        Directory.CreateDirectory(Path.Join(_directory.Path, ".git"));
        Write("b.yaml", "second");
        Write("a.json", "first");
        Write(".saved.yaml", "hidden");
        Write(".git/c.yaml", "of-a-tool");

        Assert.Equal(["first", "second"], GivenManifests.Load(_directory.Path).Objects.Select(item => (string?)item["metadata"]!["name"]));
    }

    private void Write(string file, string name)
        => File.WriteAllText(Path.Join(_directory.Path, file), $$$"""{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "{{{name}}}"}}""");
}
