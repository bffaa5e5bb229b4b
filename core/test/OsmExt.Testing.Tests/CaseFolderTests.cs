using OsmExt.Testing.Cases;

namespace OsmExt.Testing.Tests;

public sealed class CaseFolderTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_folder_with_input_is_a_case()
    {
        _folder.File("split/in.yaml", "");
        _folder.File("access/in.yaml", "");
        _folder.File("shared/notes.md", "");
        _folder.File("in.yaml", "");

        Assert.Equal(["access", "split"], CaseFolder.Names(_folder.Path));
    }

    [Fact]
    public void No_case_is_an_error_since_such_tests_would_test_nothing()
        => Assert.Throws<DirectoryNotFoundException>(() => CaseFolder.Names(_folder.Path));

    [Fact]
    public void Cases_are_looked_for_beside_the_test()
        => Assert.Equal("cases", Path.GetFileName(CaseFolder.Beside()));
}
