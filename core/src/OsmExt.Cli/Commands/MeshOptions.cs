using System.CommandLine;
using OsmExt.Compiler;
using OsmExt.Identity;
using OsmExt.PluginHost;

namespace OsmExt.Cli.Commands;

/// <summary>Options that every command about a mesh has.</summary>
internal sealed class MeshOptions
{
    /// <summary>Manifests.</summary>
    public Option<string[]> Config { get; } = new("--config")
    {
        Description = "Directory or file of Kubernetes manifests. May be given several times.",
        Required = true,
        HelpName = "DIR",
    };

    /// <summary>The mesh's name.</summary>
    public Option<string> MeshName { get; } = new("--mesh-name")
    {
        Description = "Namespaces labelled openservicemesh.io/monitored-by with this name are part of the mesh.",
        DefaultValueFactory = _ => new CompilerOptions().MeshName,
        HelpName = "NAME",
    };

    /// <summary>The control plane's namespace.</summary>
    public Option<string> OsmNamespace { get; } = new("--osm-namespace")
    {
        Description = "Namespace of the mesh's own configuration object, osm-mesh-config.",
        DefaultValueFactory = _ => new CompilerOptions().OsmNamespace,
        HelpName = "NAMESPACE",
    };

    /// <summary>The trust domain.</summary>
    public Option<string> TrustDomain { get; } = new("--trust-domain")
    {
        Description = "Trust domain a mesh begins with; MeshRootCertificates change it while the mesh runs.",
        DefaultValueFactory = _ => new CompilerOptions().TrustDomain,
        HelpName = "DOMAIN",
    };

    /// <summary>Plugins.</summary>
    public Option<string?> Plugins { get; } = new("--plugins")
    {
        Description = "Directory of plugins, each a folder with a plugin.yaml. Default: no plugins.",
        HelpName = "DIR",
    };

    /// <summary>What plugins may do.</summary>
    public Option<string?> PluginPolicy { get; } = new("--plugin-policy")
    {
        Description = "File that grants capabilities to plugins. Default: policy.yaml in the directory of plugins, if there is one.",
        HelpName = "FILE",
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        TrustDomain.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<string>() is { } domain && !DnsNames.IsName(domain))
            {
                result.AddError($"\"{domain}\" is no trust domain; use a lower-case DNS name like cluster.local");
            }
        });
        command.Options.Add(Config);
        command.Options.Add(MeshName);
        command.Options.Add(OsmNamespace);
        command.Options.Add(TrustDomain);
        command.Options.Add(Plugins);
        command.Options.Add(PluginPolicy);
    }

    /// <summary>The plugins, loaded once; what is wrong with them is among the mesh's findings.</summary>
    public PluginSet LoadPlugins(ParseResult parsed, string? directory = null)
        => (directory ?? parsed.GetValue(Plugins)) is { } path ? PluginSet.Load(path, parsed.GetValue(PluginPolicy), TimeProvider.System) : PluginSet.Empty;

    /// <summary>What the compiler needs of them.</summary>
    public CompilerOptions Compiler(ParseResult parsed) => new()
    {
        MeshName = parsed.GetRequiredValue(MeshName),
        OsmNamespace = parsed.GetRequiredValue(OsmNamespace),
        TrustDomain = parsed.GetRequiredValue(TrustDomain),
    };
}
