using System.CommandLine;
using System.Text.Json.Nodes;
using k8s.Models;
using OsmExt.Cli.Clusters;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm namespace</c>: which namespaces of a cluster are part of a mesh.</summary>
internal static class NamespaceCommand
{
    /// <summary>Makes the command with its sub-commands.</summary>
    public static Command Create()
    {
        var command = new Command("namespace", "Which namespaces of a cluster are part of a mesh.") { Add(), Remove(), Ignore(), List() };
        command.Aliases.Add("ns");
        return command;
    }

    /// <summary>Which mesh is meant.</summary>
    public static Option<string> MeshNameOption() => new("--mesh-name") { Description = "The mesh's name.", DefaultValueFactory = _ => "osm", HelpName = "NAME" };

    private static Command Add()
    {
        var names = Names("The namespaces. All of them are added, or none.");
        var mesh = MeshNameOption();
        var without = new Option<bool>("--disable-sidecar-injection") { Description = "New pods get no sidecar unless they ask for it. Default: they get one." };
        var command = new Command("add", "Put namespaces into a mesh. Exit code 2 when one of them cannot be; then nothing is changed.") { names, mesh, without };
        new ClusterArguments().Run(command, async (parsed, session, cancellation) => Say(await new NamespaceMembership(session).AddAsync(
            parsed.GetRequiredValue(names), parsed.GetRequiredValue(mesh), !parsed.GetValue(without), cancellation).ConfigureAwait(false)));
        return command;
    }

    private static Command Remove()
    {
        var name = new Argument<string>("NAMESPACE") { Description = "The namespace." };
        var mesh = MeshNameOption();
        var command = new Command("remove", "Take a namespace out of a mesh, or have it no longer ignored. Its pods keep their sidecars until they are restarted.") { name, mesh };
        new ClusterArguments().Run(command, async (parsed, session, cancellation)
            => Say([await new NamespaceMembership(session).RemoveAsync(parsed.GetRequiredValue(name), parsed.GetRequiredValue(mesh), cancellation).ConfigureAwait(false)]));
        return command;
    }

    private static Command Ignore()
    {
        var names = Names("The namespaces.");
        var command = new Command("ignore", "Have meshes leave namespaces alone: new pods get no sidecar, and osm namespace add refuses them.") { names };
        new ClusterArguments().Run(command, async (parsed, session, cancellation) => Say(await new NamespaceMembership(session).IgnoreAsync(parsed.GetRequiredValue(names), cancellation).ConfigureAwait(false)));
        return command;
    }

    private static Command List()
    {
        var mesh = new Option<string?>("--mesh-name") { Description = "Only namespaces of this mesh. Default: of all meshes, and those ignored.", HelpName = "NAME" };
        var output = new OutputOption();
        var command = new Command("list", "List the namespaces that are part of a mesh.") { mesh };
        output.AddTo(command);
        new ClusterArguments().Run(command, async (parsed, session, cancellation) =>
        {
            var found = await new NamespaceMembership(session).ListAsync(parsed.GetValue(mesh), cancellation).ConfigureAwait(false);
            if (found.Count == 0)
            {
                await Console.Error.WriteLineAsync($"No namespace is part of {(parsed.GetValue(mesh) is { } name ? $"mesh {name}" : "a mesh")}.").ConfigureAwait(false);
            }

            Console.Out.Write(output.Format(parsed, [.. found.Select(Row)], "NAMESPACE", "MESH", "SIDECAR-INJECTION", "METRICS"));
            return ExitCode.Ok;
        });
        return command;
    }

    private static JsonObject Row(V1Namespace ns) => new()
    {
        ["namespace"] = ns.Metadata.Name,
        ["mesh"] = ns.GetLabel(MeshNames.MonitoredBy),
        ["sidecarInjection"] = ns.GetLabel(MeshNames.Ignore) is not null ? "disabled (ignored)" : ns.GetAnnotation(MeshNames.SidecarInjection),
        ["metrics"] = ns.GetAnnotation(MeshNames.Metrics),
    };

    private static Argument<string[]> Names(string description) => new("NAMESPACE") { Description = description, Arity = ArgumentArity.OneOrMore };

    private static int Say(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            Console.Out.WriteLine(line);
        }

        return ExitCode.Ok;
    }
}
