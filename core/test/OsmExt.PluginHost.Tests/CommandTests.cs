using OsmExt.Compiler;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.PluginHost.Running;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Tests;

/// <summary>What people can ask plugins for.</summary>
public sealed class CommandTests : IDisposable
{
    private const string Command = "commands:\n- {name: do, description: Do it., type: OsmExt.PluginHost.TestPlugin.BehaviourCommand, options: [{name: what, description: What., default: good}]}\n";
    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("good", 3, null)]
    [InlineData("throw", 1, "BadMoodException: the command is in a bad mood")]
    [InlineData("far", 1, "1000 is no exit code")]
    public void A_command_sees_the_plugins_objects_and_says_how_it_went(string what, int code, string? failure)
    {
        var set = _folder.WriteCode(text => text + Command).Load();
        Assert.Empty(set.Diagnostics);
        var (output, errors) = (new StringWriter(), new StringWriter());
        var snapshot = ResourceSnapshot.Of(ManifestReader.Read(PluginFolder.Behaviour("a", "-- lua"), "in.yaml", new PluginKinds(set.Kinds)).Resources);

        var declared = Assert.Single(set.Plugins[0].Manifest.Commands);
        var result = CommandRun.Run(set, set.Plugins[0], declared, ConfigValue.From(new { what }), snapshot, new CompilerOptions(), new(output, errors), CancellationToken.None);

        Assert.Equal((code, failure), result);
        Assert.StartsWith($"{{\"what\":\"{what}\"}} 1 objects, ", output.ToString(), StringComparison.Ordinal);
        Assert.Equal("that was all\n", errors.ToString());
        set.DisposeExcept(PluginSet.Empty);
    }

    [Theory]
    [InlineData("[{name: do, description: Do it., type: Nobody}]", "no type \"Nobody\"")]
    [InlineData("[{name: do, description: Do it., type: OsmExt.PluginHost.TestPlugin.BehaviourService}]", "no public class that implements IPluginCommand")]
    [InlineData("[{name: do, type: OsmExt.PluginHost.TestPlugin.BehaviourCommand}]", "This field is missing")]
    [InlineData("[{name: do, description: Do it., type: OsmExt.PluginHost.TestPlugin.BehaviourCommand, options: [{name: config, description: Mine.}]}]", "--config is the program's own")]
    [InlineData("[{name: do, description: Do it., type: OsmExt.PluginHost.TestPlugin.BehaviourCommand, options: [{name: a, description: A., type: object}]}]", "An option is a string")]
    [InlineData("[{name: do, description: Do it., type: OsmExt.PluginHost.TestPlugin.BehaviourCommand, options: [{name: a, description: A., type: integer, default: x}]}]", "cannot count when --a is not given")]
    [InlineData("[{name: do, description: Do it., type: OsmExt.PluginHost.TestPlugin.BehaviourCommand, options: [{name: a, description: A.}, {name: a, description: A.}]}]", "Two options are called")]
    public void What_a_manifest_says_of_commands_is_checked_when_it_is_loaded(string commands, string message)
        => Assert.Contains(_folder.WriteCode(text => $"{text}commands: {commands}\n").Load().Diagnostics, finding => finding.Message.Contains(message, StringComparison.Ordinal));

    [Fact]
    public void Templates_alone_have_no_commands()
        => Assert.Contains(_folder.Write(manifest: PluginFolder.Manifest + "\ncommands: [{name: do, description: Do it., type: Nobody}]\n").Load().Diagnostics,
            finding => finding.Message == "There is no code that could run");
}
