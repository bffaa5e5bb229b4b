using OsmExt.LocalRuntime.Processes;
using OsmExt.LocalRuntime.State;

namespace OsmExt.LocalRuntime.Tests.State;

public sealed class RunStateTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void What_is_written_down_is_read_back_until_the_run_ends()
    {
        var journal = RunJournal.Begin(_directory.Path, "demo");
        journal.AddNamespace("osm.demo");
        journal.AddNamespace("osm.demo.shop.cart");
        journal.Add(new(10, 100));
        journal.Add(new(11, 101));
        journal.Remove(new(10, 100));
        journal.RemoveNamespace("osm.demo");

        var state = RunState.Load(_directory.Path)!;

        Assert.Equal("demo", state.Mesh);
        Assert.Equal(RunState.CurrentBoot(), state.Boot);
        Assert.True(state.Owner.IsRunning);
        Assert.Equal(["osm.demo.shop.cart"], state.Namespaces);
        Assert.Equal([new ProcessStamp(11, 101)], state.Processes);
        Assert.True(journal.Owns("osm.demo.shop.cart"));
        Assert.False(journal.Owns("osm.demo"));

        journal.End();
        Assert.Null(RunState.Load(_directory.Path));
    }

    [Fact]
    public void A_state_that_cannot_be_read_stops_with_advice()
    {
        _directory.Write(RunState.FileName, "{ not json");

        var failure = Assert.Throws<IOException>(() => RunState.Load(_directory.Path));

        Assert.Contains("ip netns list", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_has_one_user_at_a_time()
    {
        using var held = StateDirectory.Open(_directory.Path);
        RunJournal.Begin(_directory.Path, "demo");

        var failure = Assert.Throws<InvalidOperationException>(() => StateDirectory.Open(_directory.Path));

        Assert.Equal($"The mesh 'demo' is already running, in process {Environment.ProcessId}.", failure.Message);
    }

    [Fact]
    public void A_directory_others_can_write_to_is_refused()
    {
        File.SetUnixFileMode(_directory.Path, (UnixFileMode)0b111_111_111);

        Assert.Throws<InvalidOperationException>(() => StateDirectory.Open(_directory.Path));
    }

    [Fact]
    public void A_directory_the_proxies_user_cannot_reach_is_refused()
    {
        var home = Directory.CreateDirectory(Path.Join(_directory.Path, "home"), (UnixFileMode)0b111_000_000).FullName;

        var failure = Assert.Throws<InvalidOperationException>(() => StateDirectory.Open(Path.Join(home, "a/b")));

        Assert.Equal($"The proxies run as another user, who cannot pass '{home}'; choose a state directory outside it.", failure.Message);
    }

    public void Dispose() => _directory.Dispose();
}
