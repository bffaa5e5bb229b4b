using System.CommandLine;
using OsmExt.PluginHost;

namespace OsmExt.Cli.Commands;

/// <summary>What, beside a cluster's objects, decides what they mean.</summary>
internal sealed class PluginOptions
{
    private readonly Option<string> _meshName = NamespaceCommand.MeshNameOption();
    private readonly Option<string?> _plugins = new("--plugins")
    {
        Description = "Directory of the plugins that the control plane has, since it decides with them. Default: without plugins.", HelpName = "DIR",
    };

    private readonly Option<string?> _policy = new("--plugin-policy") { Description = "File that grants capabilities to plugins. Default: policy.yaml in the directory of plugins, if there is one.", HelpName = "FILE" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_meshName);
        command.Options.Add(_plugins);
        command.Options.Add(_policy);
    }

    /// <summary>The mesh's name.</summary>
    public string MeshName(ParseResult parsed) => parsed.GetRequiredValue(_meshName);

    /// <summary>The plugins.</summary>
    public PluginSet Load(ParseResult parsed) => parsed.GetValue(_plugins) is { } path ? PluginSet.Load(path, parsed.GetValue(_policy), TimeProvider.System) : PluginSet.Empty;
}
