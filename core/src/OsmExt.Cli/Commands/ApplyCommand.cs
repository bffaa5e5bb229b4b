using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using OsmExt.Cli.Applying;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm apply</c>: puts manifests into a running mesh and says which sidecars have them.</summary>
internal static class ApplyCommand
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromMinutes(1);

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var (mesh, output) = (new MeshAddress(), new OutputOption());
        var source = new Argument<string>("DIR") { Description = "Directory or file of manifests." };
        var share = new Option<double>("--wait")
        {
            Description = "How large a part of the sidecars has to have it: 99%, for example, or 0 not to wait.", DefaultValueFactory = _ => 1, CustomParser = Share, HelpName = "PERCENT",
        };
        var within = new Option<TimeSpan>("--within") { Description = "How long to wait for that.", DefaultValueFactory = _ => DefaultPatience, CustomParser = Durations.Parse, HelpName = "DURATION" };
        var force = new Option<bool>("--force-conflicts") { Description = "On a cluster, take fields that others own. Default: say who owns them, and apply nothing." };
        var command = new Command("apply",
            "Apply manifests to a running mesh, wait until enough sidecars have acknowledged what was made of them, and print who has it and who lags and why. To a cluster they go by server-side apply, into a "
            + "local mesh as copies; a control plane that reads a directory has to read them from there. Exit code 0: so many have it; 5: not in time; 2: they cannot be used, nothing was applied; 1: it could not be done, or what "
            + "was applied is not in force.")
        {
            source, share, within, force,
        };
        mesh.AddTo(command);
        output.AddTo(command);
        command.SetAction((parsed, cancellation) => ClusterArguments.GuardAsync(async () =>
        {
            using var running = await mesh.OpenAsync(parsed, cancellation).ConfigureAwait(false);
            IDestination destination = running switch
            {
                { Local: { } local } => new LocalDestination(local, TimeProvider.System),
                { Session: { } session } => new ClusterDestination(session, parsed.GetValue(force)),
                _ => new DirectoryDestination(),
            };
            var application = new Application(running, destination, parsed.GetValue(share), parsed.GetValue(within), TimeProvider.System);
            var outcome = await application.RunAsync(parsed.GetRequiredValue(source), cancellation).ConfigureAwait(false);
            Console.Out.Write(output.Format(parsed, outcome.Receipt, () => $"{outcome.Done} {Application.Table(outcome.Receipt)}"));
            foreach (var remark in application.Remarks(outcome))
            {
                await Console.Error.WriteLineAsync($"osm: {Terminal.Printable(remark)}").ConfigureAwait(false);
            }

            return outcome.ExitCode;
        }, () => mesh.NameOf(parsed)));
        return command;
    }

    private static double Share(ArgumentResult argument)
    {
        var text = argument.Tokens[^1].Value;
        if (double.TryParse(text.TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent <= 100)
        {
            return percent / 100;
        }

        argument.AddError($"\"{text}\" is no part of the sidecars; write a percentage from 0 to 100, such as 99%");
        return 0;
    }
}
