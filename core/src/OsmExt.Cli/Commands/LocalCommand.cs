using System.CommandLine;
using OsmExt.Cli.Local;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm local</c>: a mesh of real processes on this machine.</summary>
internal static class LocalCommand
{
    /// <summary>Makes the command with its sub-commands.</summary>
    public static Command Create() => new("local", "A mesh of real processes on this machine: pods are network namespaces with real Envoy sidecars. Needs Linux and root.")
    {
        Up(), Down(), Status(), Check(),
    };

    private static Command Up()
    {
        var mesh = new MeshOptions();
        var name = NameOption();
        var images = new Option<string>("--images")
        {
            Description = "Directory of programs: the image REGISTRY/NAME:TAG runs NAME/NAME below it.",
            Required = true,
            HelpName = "DIR",
        };
        var envoy = EnvoyOption("A pod may choose its own by the annotation osm.local/envoy.");
        var logs = new Option<string?>("--logs") { Description = "Directory for the processes' logs. Default: /var/log/osmext/NAME.", HelpName = "DIR" };
        var shortest = RunCommand.ShortestValidityOption();
        var key = RunCommand.CertificateKeyOption();
        var command = new Command("up", "Bring a mesh up and keep it in step with its manifests, until SIGINT or SIGTERM.") { name, images, envoy, logs, shortest, key };
        mesh.AddTo(command);
        command.SetAction((parsed, cancellation) => new LocalUp(new()
        {
            Name = parsed.GetRequiredValue(name),
            Config = [.. parsed.GetRequiredValue(mesh.Config).Select(Path.GetFullPath)],
            Plugins = parsed.GetValue(mesh.Plugins) is { } plugins ? Path.GetFullPath(plugins) : null,
            PluginPolicy = parsed.GetValue(mesh.PluginPolicy) is { } policy ? Path.GetFullPath(policy) : null,
            Images = Path.GetFullPath(parsed.GetRequiredValue(images)),
            Logs = Path.GetFullPath(parsed.GetValue(logs) ?? LocalPaths.Logs(parsed.GetRequiredValue(name))),
            EnvoyVersion = parsed.GetValue(envoy) ?? "",
            ShortestCertificateValidity = parsed.GetRequiredValue(shortest),
            Compiler = mesh.Compiler(parsed) with { RsaCertificates = parsed.GetValue(key) == RunCommand.Rsa },
        }, TimeProvider.System).RunAsync(cancellation));
        return command;
    }

    private static Command Down()
    {
        var name = NameOption();
        var command = new Command("down", "Take a mesh down, or remove what one that crashed left behind.") { name };
        command.SetAction((parsed, cancellation) => LocalDown.RunAsync(parsed.GetRequiredValue(name), TimeProvider.System, cancellation));
        return command;
    }

    private static Command Status()
    {
        var name = NameOption();
        var command = new Command("status", "Print a running mesh's pods and processes as JSON.") { name };
        command.SetAction(parsed => LocalStatus.Print(parsed.GetRequiredValue(name)));
        return command;
    }

    private static Command Check()
    {
        var envoy = EnvoyOption();
        var command = new Command("check", "Say whether this machine can run a local mesh, with which Envoy, and what is missing otherwise.") { envoy };
        command.SetAction((parsed, cancellation) => LocalCheck.RunAsync(parsed.GetValue(envoy) ?? "", cancellation));
        return command;
    }

    private static Option<string?> EnvoyOption(string more = "") => new("--envoy")
    {
        Description = $"Version of Envoy to look for. Default: whichever is found first. {more}".TrimEnd(),
        HelpName = "VERSION",
    };

    private static Option<string> NameOption() => new("--name") { Description = "The mesh's name on this machine.", DefaultValueFactory = _ => "osm" };
}
