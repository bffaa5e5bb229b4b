using System.CommandLine;
using OsmExt.Cli.Local;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm local</c>: a mesh of real processes on this machine.</summary>
internal static class LocalCommand
{
    /// <summary>Makes the command with its sub-commands.</summary>
    public static Command Create() => new("local", "A mesh of real processes on this machine. As root pods are network namespaces with Envoys; without root, or without an Envoy, the embedded data plane does. Needs Linux.")
    {
        Up(), Apply(), Down(), Status(), Check(),
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
        var logs = new Option<string?>("--logs")
        {
            Description = "Directory for the processes' logs. Default: /var/log/osmext/NAME for root, ~/.local/state/osmext/log/NAME for others.", HelpName = "DIR",
        };
        var detach = new Option<bool>("--detach") { Description = "Return when the mesh is up, and leave it running; osm local down ends it. Default: stay with it." };
        var (dataPlane, network) = (DataPlaneOption(), NetworkOption());
        var api = new Option<bool>("--api")
        {
            Description = "Serve the mesh's objects like a cluster's API server, so that kubectl can read and change them; the kubeconfig for it is printed. The manifests are brought to it, and what is changed beside them lasts until the mesh goes down. Default: the manifests are all there is.",
        };
        var shortest = RunCommand.ShortestValidityOption();
        var key = RunCommand.CertificateKeyOption();
        var command = new Command("up", "Bring a mesh up and keep it in step with its manifests, until SIGINT or SIGTERM.") { name, images, dataPlane, network, envoy, logs, detach, api, shortest, key };
        mesh.AddTo(command);
        command.SetAction((parsed, cancellation) => parsed.GetValue(detach) ? LocalDetach.RunAsync(
            parsed.GetRequiredValue(name), Path.GetFullPath(parsed.GetValue(logs) ?? LocalPaths.Logs(parsed.GetRequiredValue(name))),
            parsed.Tokens.Select(token => token.Value), TimeProvider.System, cancellation) : new LocalUp(new()
        {
            Name = parsed.GetRequiredValue(name),
            Config = [.. parsed.GetRequiredValue(mesh.Config).Select(Path.GetFullPath)],
            Plugins = parsed.GetValue(mesh.Plugins) is { } plugins ? Path.GetFullPath(plugins) : null,
            PluginPolicy = parsed.GetValue(mesh.PluginPolicy) is { } policy ? Path.GetFullPath(policy) : null,
            Images = Path.GetFullPath(parsed.GetRequiredValue(images)),
            Logs = Path.GetFullPath(parsed.GetValue(logs) ?? LocalPaths.Logs(parsed.GetRequiredValue(name))),
            EnvoyVersion = parsed.GetValue(envoy) ?? "",
            DataPlane = new(parsed.GetRequiredValue(dataPlane), parsed.GetRequiredValue(network)),
            HasApi = parsed.GetValue(api),
            ShortestCertificateValidity = parsed.GetRequiredValue(shortest),
            Compiler = mesh.Compiler(parsed) with { RsaCertificates = parsed.GetValue(key) == RunCommand.Rsa },
        }, TimeProvider.System).RunAsync(cancellation));
        return command;
    }

    private static Command Apply()
    {
        var source = new Argument<string>("DIR") { Description = "Directory or file of manifests. What an earlier apply of it brought and it no longer has is removed." };
        var name = NameOption();
        var patience = new Option<TimeSpan>("--timeout")
        {
            Description = "How long to wait until all sidecars have it.", DefaultValueFactory = _ => TimeSpan.FromMinutes(1), HelpName = "H:MM:SS",
        };
        var command = new Command("apply", "Put manifests into a running mesh and wait until they are in force, or say what holds them back.") { source, name, patience };
        command.SetAction((parsed, cancellation) => new LocalApply(
            parsed.GetRequiredValue(name), parsed.GetRequiredValue(source), parsed.GetRequiredValue(patience), TimeProvider.System).RunAsync(cancellation));
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
        var command = new Command("status", "Print as JSON what a running mesh uses and why, its pods and its processes.") { name };
        command.SetAction(parsed => LocalStatus.Print(parsed.GetRequiredValue(name)));
        return command;
    }

    private static Command Check()
    {
        var (envoy, dataPlane, network) = (EnvoyOption(), DataPlaneOption(), NetworkOption());
        var command = new Command("check", "Say whether this machine can run a local mesh, with what and why, and what is missing otherwise.") { dataPlane, network, envoy };
        command.SetAction((parsed, cancellation) => LocalCheck.RunAsync(
            parsed.GetValue(envoy) ?? "", new(parsed.GetRequiredValue(dataPlane), parsed.GetRequiredValue(network)), cancellation));
        return command;
    }

    private static Option<string> DataPlaneOption()
    {
        var option = new Option<string>("--data-plane")
        {
            Description = "What sidecars are: envoy; embedded, which is OsmExt's own; or auto, which is envoy where one is found and network namespaces can be made, else embedded.",
            DefaultValueFactory = _ => DataPlaneWish.Auto,
        };
        option.AcceptOnlyFromAmong(DataPlaneWish.Auto, DataPlaneWish.Envoy, DataPlaneWish.Embedded);
        return option;
    }

    private static Option<string> NetworkOption()
    {
        var option = new Option<string>("--network")
        {
            Description = "What pods are: namespaces, which need root; loopback, addresses of this machine that programs leave by an HTTP or SOCKS proxy; or auto, namespaces where they can be made.",
            DefaultValueFactory = _ => DataPlaneWish.Auto,
        };
        option.AcceptOnlyFromAmong(DataPlaneWish.Auto, DataPlaneWish.Namespaces, DataPlaneWish.Loopback);
        return option;
    }

    private static Option<string?> EnvoyOption(string more = "") => new("--envoy")
    {
        Description = $"Version of Envoy to look for. Default: whichever is found first. {more}".TrimEnd(),
        HelpName = "VERSION",
    };

    private static Option<string> NameOption() => new("--name") { Description = "The mesh's name on this machine.", DefaultValueFactory = _ => "osm" };
}
