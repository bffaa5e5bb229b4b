namespace OsmExt.Cli.Clusters;

/// <summary>Has helm change the control plane, and tells what becomes of it.</summary>
internal static class Rollout
{
    /// <summary>Does it.</summary>
    /// <exception cref="CommandException">It failed; the message says what the pods do and what happened to them.</exception>
    public static async Task RunAsync(ClusterSession session, Helm helm, IEnumerable<string> arguments, string failure, CancellationToken cancellation)
    {
        var progress = new RolloutProgress(session, session.OsmNamespace, Console.Error, TimeProvider.System);
        try
        {
            await progress.WatchAsync(helm.RunAsync(arguments, failure, cancellation), cancellation).ConfigureAwait(false);
        }
        catch (CommandException problem)
        {
            var reasons = await progress.ExplainAsync(cancellation).ConfigureAwait(false);
            throw new CommandException($"{problem.Message}{string.Concat(reasons.Select(reason => $"\n  {reason}"))}", problem.ExitCode);
        }
    }
}
