using OsmExt.LocalRuntime.Pods;
using OsmExt.LocalRuntime.Processes;

namespace OsmExt.LocalRuntime.Tests.Processes;

public sealed class FileAccessRulesTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void The_innermost_place_that_shuts_others_out_is_the_barrier_and_its_owner_the_user()
    {
        var program = _directory.Write("home/app", "", executable: true);
        Assert.Null(FileAccessRules.FirstBarrier(program));
        Assert.Equal(ProcessUser.Nobody, ProcessUser.For(program));

        File.SetUnixFileMode(_directory.Path, Private);
        Assert.Equal(_directory.Path, FileAccessRules.FirstBarrier(program));
        Assert.Equal(Native.EffectiveUser(), ProcessUser.For(program));

        File.SetUnixFileMode(program, Private);
        Assert.Equal(program, FileAccessRules.FirstBarrier(program));
    }

    [Fact]
    public void A_place_others_can_write_to_is_not_under_control()
    {
        var file = _directory.Write("shared/script", "", executable: true);
        uint[] us = [0, Native.EffectiveUser()];
        Assert.True(FileAccessRules.IsUnderControlOf(file, us));
        Assert.False(FileAccessRules.IsUnderControlOf(file, [123456789]));

        File.SetUnixFileMode(Path.GetDirectoryName(file)!, (UnixFileMode)0b111_111_111);
        Assert.False(FileAccessRules.IsUnderControlOf(file, us));
    }

    public void Dispose() => _directory.Dispose();
}
