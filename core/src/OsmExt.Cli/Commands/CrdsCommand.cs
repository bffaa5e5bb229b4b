using System.CommandLine;
using OsmExt.Cli.Plugins;
using OsmExt.Kubernetes.Crds;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm crds</c> and <c>osm plugin crds</c>: custom resource definitions for the API server.</summary>
internal static class CrdsCommand
{
    /// <summary>Makes <c>osm crds</c>.</summary>
    public static Command Create()
    {
        var directory = DirectoryOption();
        var osm = NamespaceOption();
        var command = new Command("crds", "Print the custom resource definitions of the kinds that the mesh itself reads, for kubectl apply -f. Exit code 0.") { directory, osm };
        command.SetAction(parsed => DefinitionFiles.Write(CustomKinds.All.Select(kind => CustomResourceDefinition.Of(kind, parsed.GetRequiredValue(osm))), parsed.GetValue(directory)));
        return command;
    }

    /// <summary>Makes <c>osm plugin crds</c>.</summary>
    public static Command CreateForPlugins()
    {
        var mesh = new MeshOptions();
        var plugins = new Argument<string>("DIR") { Description = "A plugin's folder, or a directory of plugins." };
        var directory = DirectoryOption();
        var account = new Option<string?>("--access-for")
        {
            Description = "Print a ClusterRole too that lets this service account read the kinds and write their status: the control plane's, such as osm-system/osm. Default: none.",
            HelpName = "NAMESPACE/NAME",
        };
        account.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<string>() is { } name && name.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
            {
                result.AddError($"\"{name}\" is no service account; write it like osm-system/osm");
            }
        });
        var command = new Command("crds",
            "Print the custom resource definitions of plugins' kinds, for kubectl apply -f. Kinds that are somebody else's are left out, and said. Exit code 0; 2 when some plugin cannot be used.")
        {
            plugins, directory, account, mesh.PluginPolicy,
        };
        command.SetAction(parsed =>
        {
            var set = mesh.LoadPlugins(parsed, parsed.GetRequiredValue(plugins));
            var errors = set.Diagnostics.Where(finding => finding.Severity == Severity.Error).ToArray();
            foreach (var error in errors)
            {
                Console.Error.WriteLine($"osm: {error}");
            }

            foreach (var foreign in PluginDefinitions.Foreign(set))
            {
                Console.Error.WriteLine($"osm: {foreign.Kind} of {foreign.Group} is somebody else's kind, and is defined by what brings it");
            }

            foreach (var (kind, version) in PluginDefinitions.LeftOut(set))
            {
                Console.Error.WriteLine($"osm: {kind.Kind} has other fields in {version}, which a cluster cannot have yet; write {kind.Versions[0]} there");
            }

            var documents = PluginDefinitions.Of(set).Concat(parsed.GetValue(account) is { } name ? PluginDefinitions.Access(set, name) : []);
            return DefinitionFiles.Write(documents, parsed.GetValue(directory)) is var code && errors.Length > 0 ? ExitCode.UnusableInput : code;
        });
        return command;
    }

    private static Option<string> NamespaceOption() => new("--osm-namespace")
    {
        Description = "Namespace of the control plane, which converts between versions of a kind.",
        DefaultValueFactory = _ => CustomResourceDefinition.UsualNamespace,
        HelpName = "NAMESPACE",
    };

    private static Option<string?> DirectoryOption() => new("--directory", "-d")
    {
        Description = "Write a file for each definition into this directory, called GROUP_PLURAL.yaml. Default: print them.",
        HelpName = "DIR",
    };
}
