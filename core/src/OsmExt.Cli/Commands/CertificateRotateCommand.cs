using System.CommandLine;
using System.Globalization;
using OsmExt.Cli.Clusters;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm certificate rotate</c>: another root for a mesh in a cluster.</summary>
internal static class CertificateRotateCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var domain = new Option<string?>("--trust-domain", "-t") { Description = "The new root's trust domain. Default: the old one's.", HelpName = "DOMAIN" };
        var accept = new Option<bool>("--accept", "-y") { Description = "Do not ask. Default: ask." };
        var delete = new Option<bool>("--delete", "-d") { Description = "Delete the old MeshRootCertificate in the end. Default: it becomes inactive, and can be made active again." };
        var wait = new Option<TimeSpan>("--wait", "-w") { Description = "How long each step may take.", DefaultValueFactory = _ => TimeSpan.FromMinutes(5), CustomParser = Durations.Parse, HelpName = "H:MM:SS" };
        var named = new Option<string?>("--meshrootcertificate", "-c") { Description = "An inactive MeshRootCertificate to use. Default: a new one.", HelpName = "NAME" };
        var command = new Command("rotate",
            "Replace the root certificate of a mesh in a cluster, step by step, each when every sidecar is ready for it; no request fails. "
            + "Exit code 1 when a step takes too long: it goes on by itself then. For a local mesh, change its MeshRootCertificates by osm local apply.")
        {
            domain, accept, delete, wait, named,
        };
        new ClusterArguments().Run(command, async (parsed, session, cancellation) =>
        {
            var change = new RootChange(session, Console.Out, TimeProvider.System);
            var old = await change.ActiveAsync(cancellation).ConfigureAwait(false);
            var name = parsed.GetValue(named) ?? string.Create(CultureInfo.InvariantCulture, $"root-{TimeProvider.System.GetUtcNow():yyyyMMdd-HHmmss}");
            if (!parsed.GetValue(accept))
            {
                Console.Error.Write($"Replace {(old is null ? "the root the mesh began with" : $"root {RootChange.Name(old)}")} by {name} in {session.Connection.Name}? [y/n] ");
                if (Console.In.ReadLine()?.Trim().ToUpperInvariant() is not ("Y" or "YES"))
                {
                    throw new CommandException("nothing was changed; --accept does not ask", ExitCode.UnusableInput);
                }
            }

            await change.RunAsync(name, parsed.GetValue(domain), old, parsed.GetValue(delete), parsed.GetRequiredValue(wait), cancellation).ConfigureAwait(false);
            Console.Out.WriteLine($"The root of the mesh in namespace {session.OsmNamespace} is {name}.");
            return ExitCode.Ok;
        });
        return command;
    }
}
