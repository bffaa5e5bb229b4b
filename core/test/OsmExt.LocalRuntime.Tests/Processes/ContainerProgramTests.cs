using OsmExt.LocalRuntime.Processes;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.LocalRuntime.Tests.Processes;

public sealed class ContainerProgramTests : IDisposable
{
    private readonly TemporaryDirectory _images = new();

    [Theory]
    [InlineData("bookbuyer", "bookbuyer")]
    [InlineData("openservicemesh/bookbuyer:v1.0", "bookbuyer")]
    [InlineData("registry.example:5000/team/bookbuyer", "bookbuyer")]
    [InlineData("registry.example:5000/bookbuyer:1@sha256:0123", "bookbuyer")]
    [InlineData("x/..", "")]
    [InlineData("", "")]
    public void An_image_is_known_by_the_last_segment_of_its_path(string image, string expected) => Assert.Equal(expected, ContainerProgram.ImageName(image));

    [Fact]
    public void Without_a_command_the_image_s_own_program_runs_with_the_arguments()
    {
        var path = _images.Write("app/app", "#!/bin/sh\n", executable: true);

        var (program, _) = Find(new Container("c")
        {
            Image = "r/app:1",
            Arguments = ["-port", "$(PORT)", "$$(PORT)", "$(NONE)"],
            Environment = LabelSet.From([new("PORT", "80")]),
        });

        Assert.Equal(new ContainerProgram(path, ["-port", "80", "$(PORT)", "$(NONE)"], Path.Join(_images.Path, "app")), program);
    }

    [Fact]
    public void A_command_is_looked_up_in_the_image_then_on_the_machine()
    {
        var inImage = _images.Write("app/tool", "#!/bin/sh\n", executable: true);
        var onPath = _images.Write("bin/other", "#!/bin/sh\n", executable: true);

        Assert.Equal(inImage, Find(Image("app", "/tool")).Program?.Executable);
        Assert.Equal(inImage, Find(Image("app", "tool", "x")).Program?.Executable);
        Assert.Equal(onPath, Find(Image("app", "other")).Program?.Executable);
        Assert.Equal(onPath, Find(Image("app", onPath)).Program?.Executable);
        Assert.Equal("/", Find(Image("unknown", "other")).Program?.Directory);
        Assert.Equal(["x"], Find(Image("app", "tool", "x")).Program!.Arguments);
    }

    [Fact]
    public void What_is_not_there_is_a_reason()
    {
        _images.Write("plain/plain", "not executable");

        Assert.StartsWith("image 'r/missing:1' has no executable", Find(new Container("c") { Image = "r/missing:1" }).Reason, StringComparison.Ordinal);
        Assert.StartsWith("image 'plain' has no executable", Find(new Container("c") { Image = "plain" }).Reason, StringComparison.Ordinal);
        Assert.StartsWith("command 'nothing' is neither", Find(Image("app", "nothing")).Reason, StringComparison.Ordinal);
        Assert.StartsWith("command '../bin/other' is neither", Find(Image("app", "../bin/other")).Reason, StringComparison.Ordinal);
    }

    public void Dispose() => _images.Dispose();

    private static Container Image(string image, params string[] command) => new("c") { Image = image, Command = command.ToEquatableArray() };

    private (ContainerProgram? Program, string Reason) Find(Container container)
        => ContainerProgram.Find(container, _images.Path, Path.Join(_images.Path, "bin"));
}
