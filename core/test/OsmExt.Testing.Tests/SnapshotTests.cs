using OsmExt.Testing.Snapshots;

namespace OsmExt.Testing.Tests;

/// <summary>A snapshot test that cannot fail is worse than none.</summary>
public sealed class SnapshotTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly string? _accept = Environment.GetEnvironmentVariable(Snapshot.AcceptVariable);
    private readonly string? _ci = Environment.GetEnvironmentVariable("CI");

    public SnapshotTests() => Set(accept: null, ci: null);

    public void Dispose()
    {
        Set(_accept, _ci);
        _folder.Dispose();
    }

    [Fact]
    public void Equal_text_passes_whatever_its_line_ends_and_leaves_nothing_behind()
    {
        _folder.File("case.verified.yaml", "a: 1\r\nb: 2\r\n\r\n");
        var received = _folder.File("case.received.yaml", "from an earlier run");

        Snapshot.Verify("a: 1\nb: 2\n", _folder.File("case"));

        Assert.False(File.Exists(received));
    }

    [Fact]
    public void Text_that_was_never_accepted_fails_and_is_written_for_reading()
    {
        var failure = Assert.Throws<SnapshotException>(() => Snapshot.Verify("a: 1", _folder.File("case")));

        Assert.Contains("Nothing has been accepted yet", failure.Message, StringComparison.Ordinal);
        Assert.Equal("a: 1\n", File.ReadAllText(_folder.File("case.received.yaml")));
        Assert.False(File.Exists(_folder.File("case.verified.yaml")));
    }

    [Fact]
    public void A_difference_fails_and_is_shown_with_what_is_around_it()
    {
        var lines = Enumerable.Range(1, 20).Select(line => $"line {line}").ToArray();
        _folder.File("case.verified.txt", string.Join('\n', lines));
        lines[9] = "another line";

        var failure = Assert.Throws<SnapshotException>(() => Snapshot.Verify(string.Join('\n', lines), _folder.File("case"), "txt"));

        Assert.Contains("  line 9\n- line 10\n+ another line\n  line 11\n", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("line 2\n", failure.Message, StringComparison.Ordinal);
        Assert.Contains("line 10\n", File.ReadAllText(_folder.File("case.verified.txt")), StringComparison.Ordinal);
    }

    [Fact]
    public void Accepting_rewrites_the_accepted_file()
    {
        _folder.File("case.verified.yaml", "a: 1\n");
        Set(accept: "1", ci: null);

        Snapshot.Verify("a: 2", _folder.File("case"));

        Assert.Equal("a: 2\n", File.ReadAllText(_folder.File("case.verified.yaml")));
        Assert.False(File.Exists(_folder.File("case.received.yaml")));
    }

    [Fact]
    public void Nothing_is_accepted_where_CI_is_set()
    {
        _folder.File("case.verified.yaml", "a: 1\n");
        Set(accept: "1", ci: "true");

        Assert.Throws<SnapshotException>(() => Snapshot.Verify("a: 2", _folder.File("case")));
        Assert.Equal("a: 1\n", File.ReadAllText(_folder.File("case.verified.yaml")));
    }

    [Fact]
    public void An_accepted_file_that_belongs_to_nothing_fails_until_it_is_deleted()
    {
        _folder.File("kept.verified.yaml", "");
        var orphan = _folder.File("orphan.verified.yaml", "");

        var failure = Assert.Throws<SnapshotException>(() => Snapshot.NothingElse(_folder.Path, ["kept"]));
        Assert.Contains(orphan, failure.Message, StringComparison.Ordinal);

        Set(accept: "1", ci: null);
        Snapshot.NothingElse(_folder.Path, ["kept"]);
        Assert.False(File.Exists(orphan));
        Assert.True(File.Exists(_folder.File("kept.verified.yaml")));
    }

    private static void Set(string? accept, string? ci)
    {
        Environment.SetEnvironmentVariable(Snapshot.AcceptVariable, accept);
        Environment.SetEnvironmentVariable("CI", ci);
    }
}
