using System.CommandLine;
using OsmExt.Cli.Clusters;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm uninstall</c>.</summary>
internal static class UninstallCommand
{
    private const int MostAnswers = 3;

    /// <summary>Makes the command with its sub-commands.</summary>
    public static Command Create()
    {
        var command = new Command("uninstall", "Remove a mesh from a cluster.") { Mesh(), ClusterWide() };
        command.Aliases.Add("delete");
        command.Aliases.Add("del");
        return command;
    }

    private static Command Mesh()
    {
        var cluster = new ClusterArguments();
        var name = new Option<string?>("--mesh-name") { Description = "Only this mesh. Default: each is asked about.", HelpName = "NAME" };
        var force = new Option<bool>("--force", "-f") { Description = "Do not ask. Default: ask about each mesh." };
        var wide = new Option<bool>("--delete-cluster-wide-resources", "-a")
        {
            Description = "Also delete what meshes share: the definitions of their kinds with all objects of these kinds, and this mesh's certificate authority. Default: they stay.",
        };
        var ns = new Option<bool>("--delete-namespace") { Description = "Also delete the control plane's namespace. Default: it stays." };
        var secret = CaSecretOption();
        var helmPath = HelmOption();
        var command = new Command("mesh", "Remove a mesh's control plane, and what it has written on namespaces. Running sidecars go on with what they have until their pods are restarted.") { name, force, wide, ns, secret, helmPath };
        cluster.AddTo(command);
        command.SetAction((parsed, cancellation) => ClusterArguments.GuardAsync(async () =>
        {
            using var session = await cluster.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            var all = await ClusterMesh.AllAsync(session, cancellation).ConfigureAwait(false);
            var chosen = parsed.GetValue(name) is { } only ? all.Where(mesh => mesh.Name == only).ToArray() : [.. all];
            if (chosen.Length == 0)
            {
                Console.Out.WriteLine(all.Count == 0 ? $"There is no mesh in {session.Connection.Name}." : $"There is no mesh {parsed.GetValue(name)} in {session.Connection.Name}; there is {string.Join(", ", all.Select(mesh => mesh.Name))}.");
            }

            if (OsmSettings.Current.IsManaged && chosen.Length > 0)
            {
                throw new CommandException($"{OsmSettings.Current.File} says that the mesh is managed (install.kind); whoever manages it uninstalls it", ExitCode.UnusableInput);
            }

            var removal = new MeshRemoval(session, Console.Out);
            var helm = chosen.Length == 0 ? null : await Helm.FindAsync(parsed.GetValue(helmPath), cluster.Wanted(parsed), cancellation).ConfigureAwait(false);
            foreach (var mesh in chosen)
            {
                if (parsed.GetValue(force) || Ask($"Uninstall mesh {mesh.Name} in namespace {mesh.Namespace}? [y/n] "))
                {
                    await removal.MeshAsync(helm!, mesh, parsed.GetValue(ns), cancellation).ConfigureAwait(false);
                    if (parsed.GetValue(wide))
                    {
                        await removal.AuthorityAsync(mesh.Namespace, mesh.Name, parsed.GetRequiredValue(secret), cancellation).ConfigureAwait(false);
                    }
                }
            }

            return parsed.GetValue(wide) ? await WideAsync(removal, session, parsed.GetValue(force), cancellation).ConfigureAwait(false) : ExitCode.Ok;
        }, () => cluster.NameOf(parsed)));
        return command;
    }

    private static Command ClusterWide()
    {
        var cluster = new ClusterArguments();
        var name = NamespaceCommand.MeshNameOption();
        var force = new Option<bool>("--force", "-f") { Description = "Do not ask. Default: ask." };
        var secret = CaSecretOption();
        var command = new Command("cluster-wide-resources",
            "Delete what a mesh that is no longer there has left in a cluster: the definitions of kinds with all objects of these kinds, webhooks, and its certificate authority.")
        {
            name, force, secret,
        };
        cluster.AddTo(command);
        command.SetAction((parsed, cancellation) => ClusterArguments.GuardAsync(async () =>
        {
            using var session = await cluster.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            var removal = new MeshRemoval(session, Console.Out);
            var exitCode = await WideAsync(removal, session, parsed.GetValue(force), cancellation).ConfigureAwait(false);
            if (exitCode == ExitCode.Ok)
            {
                await removal.AuthorityAsync(session.OsmNamespace, parsed.GetRequiredValue(name), parsed.GetRequiredValue(secret), cancellation).ConfigureAwait(false);
            }

            return exitCode;
        }, () => cluster.NameOf(parsed)));
        return command;
    }

    private static async Task<int> WideAsync(MeshRemoval removal, ClusterSession session, bool force, CancellationToken cancellation)
    {
        var (left, objects) = (await ClusterMesh.AllAsync(session, cancellation).ConfigureAwait(false), await removal.CountAsync(cancellation).ConfigureAwait(false));
        foreach (var mesh in left)
        {
            await Console.Error.WriteLineAsync($"Mesh {mesh.Name} in namespace {mesh.Namespace} uses the same definitions, and would lose its objects.").ConfigureAwait(false);
        }

        if (!force && !Ask($"Delete the definitions of the mesh's kinds with {objects} {(objects == 1 ? "object" : "objects")} in {session.Connection.Name}? [y/n] "))
        {
            Console.Out.WriteLine("The definitions stay.");
            return ExitCode.Failed;
        }

        await removal.DefinitionsAsync(cancellation).ConfigureAwait(false);
        if (left.Count == 0)
        {
            await removal.LeftAsync(cancellation).ConfigureAwait(false);
        }

        return ExitCode.Ok;
    }

    private static bool Ask(string question)
    {
        for (var i = 0; i < MostAnswers; i++)
        {
            Console.Error.Write(question);
            switch (Console.In.ReadLine()?.Trim().ToUpperInvariant())
            {
                case "Y" or "YES":
                    return true;
                case "N" or "NO":
                    return false;
                case null:
                    throw new CommandException("nobody answers; --force does not ask", ExitCode.UnusableInput);
            }
        }

        throw new CommandException($"that is neither y nor n after {MostAnswers} questions; nothing more is done", ExitCode.UnusableInput);
    }

    private static Option<string> CaSecretOption() => new("--ca-bundle-secret-name") { Description = "The Secret of the certificate authority.", DefaultValueFactory = _ => "osm-ca-bundle", HelpName = "NAME" };

    private static Option<string?> HelmOption() => new("--helm") { Description = "The program helm, version 3 or 4. Default: helm on PATH.", HelpName = "FILE" };
}
