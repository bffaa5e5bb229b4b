using System.CommandLine;
using System.Text.Json;
using OsmExt.Compiler;
using OsmExt.Compiler.Translation;
using OsmExt.Yaml;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm translate</c>: prints what every proxy would be sent, without starting anything.</summary>
internal static class TranslateCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var mesh = new MeshOptions();
        var proxy = new Option<string?>("--proxy") { Description = "Only this pod's proxy. Default: all of them.", HelpName = "NAMESPACE/POD" };
        var output = new Option<string>("--output", "-o")
        {
            Description = "How to print; wide lists every resource, chain, host and route with the objects it was made from and where they were read.",
            DefaultValueFactory = _ => "yaml",
        };
        output.AcceptOnlyFromAmong("yaml", "json", "wide");
        var envoy = EnvoyOption("The version of Envoy the proxies are taken to run.");
        var command = new Command("translate",
            "Print the Envoy configuration that manifests mean: diagnostics, and for each proxy its listeners, routes, clusters, endpoints and secrets (redacted). "
            + "Exit code 0, with or without warnings; 2 when the input cannot be used.")
        {
            proxy, output, envoy,
        };
        mesh.AddTo(command);
        command.SetAction(parsed => Run(parsed, mesh, parsed.GetValue(proxy), parsed.GetRequiredValue(output), parsed.GetRequiredValue(envoy)));
        return command;
    }

    /// <summary>The option that says which Envoy is meant.</summary>
    public static Option<string> EnvoyOption(string description)
    {
        var envoy = new Option<string>("--envoy") { Description = description, DefaultValueFactory = _ => Capabilities.NewestEnvoy, HelpName = "VERSION" };
        envoy.Validators.Add(static result =>
        {
            if (!Version.TryParse(result.GetValueOrDefault<string>(), out _))
            {
                result.AddError($"\"{result.GetValueOrDefault<string>()}\" is no version of Envoy; write it like {Capabilities.NewestEnvoy}");
            }
        });
        return envoy;
    }

    private static int Run(ParseResult parsed, MeshOptions options, string? pod, string output, string envoy)
    {
        var plugins = options.LoadPlugins(parsed);
        var snapshot = Manifests.Load(parsed.GetRequiredValue(options.Config), plugins);
        var mesh = OfflineMesh.Compile(snapshot, options.Compiler(parsed), plugins.Contribute);
        var proxies = mesh.Proxies.All;
        if (pod is not null)
        {
            if (PodArgument.Find(pod, mesh.Proxies) is not { } found)
            {
                Console.Error.WriteLine($"osm: {PodArgument.Explain(pod, mesh.Proxies, mesh.Diagnostics)}");
                return ExitCode.UnusableInput;
            }

            proxies = [found];
        }

        if (output == "wide")
        {
            Console.Out.Write(WideText.Of(mesh, proxies, snapshot, Capabilities.OfRelease(envoy)));
            return Manifests.IsUsable(snapshot) ? ExitCode.Ok : ExitCode.UnusableInput;
        }

        var document = MeshDocument.Of(mesh, proxies, Capabilities.OfRelease(envoy));
        Console.Out.Write(output == "json" ? document.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n" : YamlWriter.Write(document));
        return Manifests.IsUsable(snapshot) ? ExitCode.Ok : ExitCode.UnusableInput;
    }
}
