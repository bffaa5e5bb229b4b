using System.Globalization;
using OsmExt.Cli.Applying;
using OsmExt.Cli.Clusters;
using OsmExt.Cli.Commands;

namespace OsmExt.Cli.Local;

/// <summary>Puts manifests into a running local mesh and waits until all its sidecars have what was made of them.</summary>
internal sealed class LocalApply(string name, string source, TimeSpan patience, TimeProvider time)
{
    /// <summary>Exit code 0 when they are in force; what holds them back is on standard error.</summary>
    public Task<int> RunAsync(CancellationToken cancellation) => ClusterArguments.GuardAsync(async () =>
    {
        if (LocalMeshView.Find(name) is not { } mesh)
        {
            throw new CommandException($"no local mesh named {name} is running; start one with osm local up");
        }

        using var running = RunningMesh.OfLocal(mesh);
        var application = new Application(running, new LocalDestination(mesh, time), 1, patience, time);
        var outcome = await application.RunAsync(source, cancellation).ConfigureAwait(false);
        foreach (var lag in outcome.Receipt["lagging"]!.AsArray())
        {
            await Console.Error.WriteLineAsync($"osm: {Terminal.Printable($"{lag!["proxy"]}: {lag["detail"]}")}").ConfigureAwait(false);
        }

        foreach (var remark in application.Remarks(outcome))
        {
            await Console.Error.WriteLineAsync($"osm: {Terminal.Printable(remark)}").ConfigureAwait(false);
        }

        if (outcome.ExitCode == ExitCode.Ok)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{outcome.Done} In force at all {(int)outcome.Receipt["proxies"]!} sidecars."));
        }

        return outcome.ExitCode == ExitCode.Ok ? ExitCode.Ok : ExitCode.Failed;
    }, () => $"the local mesh {name}");
}
