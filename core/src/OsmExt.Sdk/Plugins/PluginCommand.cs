using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Sdk.Plugins;

/// <summary>
/// A command of a plugin, for people at a terminal and for scripts: <c>osm plugin run PLUGIN COMMAND</c>. It looks at manifests, without a mesh
/// that runs. A public class with a public constructor without parameters; the manifest says its name and its options.
/// </summary>
public interface IPluginCommand
{
    /// <summary>Does what the command is for.</summary>
    /// <param name="input">What it may look at, and the options that were given.</param>
    /// <param name="output">Standard output: what was asked for, and nothing else.</param>
    /// <param name="errors">Standard error: why it cannot be had.</param>
    /// <returns>The exit code, from 0 to 255. 0 is good; 1 what the command's description says; 2 that the input cannot be used.</returns>
    int Run(CommandInput input, TextWriter output, TextWriter errors);
}

/// <summary>What a command is given.</summary>
/// <param name="Plugin">The mesh that the manifests mean, and the plugin's objects, as <see cref="IPlugin.Contribute"/> is given them.</param>
/// <param name="Options">The options, by name: those given, and the defaults of others. An option that is neither is not there; a flag always is.</param>
public sealed record CommandInput(PluginInput Plugin, ConfigValue Options)
{
    /// <summary>What was found wrong with the plugin's objects, by reading them and by the plugin itself.</summary>
    public EquatableArray<Diagnostic> Findings { get; init; }
}

/// <summary>A command that a plugin's manifest declares.</summary>
/// <param name="Name">Unique within the plugin.</param>
/// <param name="Type">The class that implements <see cref="IPluginCommand"/>, by its full name.</param>
/// <param name="Description">What it is for and what its exit codes mean, for people.</param>
public sealed record CommandDeclaration(string Name, string Type, string Description)
{
    /// <summary>Its options.</summary>
    public EquatableArray<CommandOption> Options { get; init; }
}

/// <summary>An option of a command, given as <c>--NAME VALUE</c>.</summary>
/// <param name="Name">Without dashes in front.</param>
/// <param name="Description">What it is for, for people.</param>
public sealed record CommandOption(string Name, string Description)
{
    /// <summary>What its value is: a text, a whole number, or a flag that needs no value.</summary>
    public ConfigType Type { get; init; } = ConfigType.String;

    /// <summary>The texts allowed; empty for any.</summary>
    public EquatableArray<string> Enum { get; init; }

    /// <summary>What counts when it is not given; null for nothing.</summary>
    public ConfigValue? Default { get; init; }

    /// <summary>Whether it has to be given.</summary>
    public bool IsRequired { get; init; }
}
