using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.TestPlugin;

/// <summary>A command that does whatever its option says, good or bad.</summary>
public sealed class BehaviourCommand : IPluginCommand
{
    /// <inheritdoc/>
    public int Run(CommandInput input, TextWriter output, TextWriter errors)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(errors);
        output.WriteLine($"{input.Options} {input.Plugin.Resources.Count} objects, {input.Findings.Count} findings");
        errors.WriteLine("that was all");
        return input.Options.Root.GetProperty("what").GetString() switch
        {
            "throw" => throw new BadMoodException("the command is in a bad mood"),
            "far" => 1000,
            _ => 3,
        };
    }
}
