using System.Globalization;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Local;

/// <summary>Puts manifests into a running local mesh and waits until all its sidecars have what was made of them.</summary>
internal sealed class LocalApply(string name, string source, TimeSpan patience, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Exit code 0 when they are in force; what holds them back is on standard error.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        if (LocalMeshView.Find(name) is not { } mesh)
        {
            await Console.Error.WriteLineAsync($"osm: no local mesh named {name} is running; start one with osm local up").ConfigureAwait(false);
            return ExitCode.Failed;
        }

        if (!Path.Exists(source))
        {
            await Console.Error.WriteLineAsync($"osm: there is no {source} to read manifests from").ConfigureAwait(false);
            return ExitCode.UnusableInput;
        }

        var manifests = Manifests.Load([source]);
        if (!Manifests.IsUsable(manifests))
        {
            await SayAsync([.. manifests.Diagnostics.Select(finding => finding.ToString())]).ConfigureAwait(false);
            await Console.Error.WriteLineAsync($"osm: {source} has {(manifests.Count == 0 ? "no manifests" : "files that cannot be read")}; nothing was applied").ConfigureAwait(false);
            return ExitCode.UnusableInput;
        }

        using (mesh)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            using var watch = time.CreateTimer(_ => limit.Cancel(), null, patience, Timeout.InfiniteTimeSpan);
            try
            {
                return await ApplyAsync(mesh, manifests, limit.Token).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                await SayAsync(await HeldBackAsync(mesh, cancellation).ConfigureAwait(false)).ConfigureAwait(false);
                await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"osm: not in force after {patience.TotalSeconds:0} s; it stays applied"))
                    .ConfigureAwait(false);
                return ExitCode.Failed;
            }
        }
    }

    private async Task<int> ApplyAsync(LocalMeshView mesh, ResourceSnapshot manifests, CancellationToken limit)
    {
        var before = Manifests.Load([LocalPaths.Applied(name)]);
        var (revision, _) = await mesh.RevisionAsync(limit).ConfigureAwait(false);
        var rounds = mesh.Brought.Rounds;
        LocalApplied.Put(name, source);
        var changes = Changes(before, Manifests.Load([LocalPaths.Applied(name)]));
        while (await mesh.RevisionAsync(limit).ConfigureAwait(false) is var (now, isAcknowledged) && ((changes > 0 && now == revision) || !isAcknowledged))
        {
            if (Refused(mesh, manifests, changes > 0 ? rounds : -1) is { Count: > 0 } refused)
            {
                await SayAsync(refused).ConfigureAwait(false);
                return ExitCode.Failed;
            }

            await Task.Delay(Look, time, limit).ConfigureAwait(false);
        }

        while ((await mesh.WaitingAsync(limit).ConfigureAwait(false)).Count > 0)
        {
            await Task.Delay(Look, time, limit).ConfigureAwait(false);
        }

        var findings = await FindingsAsync(mesh, manifests, limit).ConfigureAwait(false);
        await SayAsync([.. findings.Select(finding => finding.Text)]).ConfigureAwait(false);
        if (findings.Any(finding => finding.IsError))
        {
            await Console.Error.WriteLineAsync("osm: applied, but what is named above is not in force").ConfigureAwait(false);
            return ExitCode.Failed;
        }

        Console.WriteLine(changes == 0
            ? $"Nothing of {source} is new to mesh {name}; all of it is in force."
            : $"{changes} {(changes == 1 ? "object" : "objects")} changed; in force at all {mesh.Sidecars} sidecars of mesh {name}.");
        return ExitCode.Ok;
    }

    // What an API server does not take never gets as far as the control plane.
    private static IReadOnlyList<string> Refused(LocalMeshView mesh, ResourceSnapshot manifests, int rounds)
        => mesh.Brought is var (now, problems) && now > rounds
            ? [.. problems.Where(problem => manifests.AllObjects().Any(manifest => problem.StartsWith($"{manifest.Key} ", StringComparison.Ordinal)))] : [];

    private static async Task<IReadOnlyList<(string Text, bool IsError)>> FindingsAsync(LocalMeshView mesh, ResourceSnapshot manifests, CancellationToken limit)
        => [.. (await mesh.DiagnosticsAsync(limit).ConfigureAwait(false)).Where(finding => manifests.AllObjects().Any(manifest => manifest.Key.ToString() == finding.Object))
            .Select(finding => (finding.Text, finding.IsError))];

    private static int Changes(ResourceSnapshot before, ResourceSnapshot after)
    {
        var (old, now) = (before.AllObjects().ToDictionary(found => found.Key), after.AllObjects().ToDictionary(found => found.Key));
        return old.Keys.Union(now.Keys).Count(key => !old.TryGetValue(key, out var was) || !now.TryGetValue(key, out var found) || !was.Equals(found));
    }

    private static async Task<IReadOnlyList<string>> HeldBackAsync(LocalMeshView mesh, CancellationToken cancellation)
    {
        try
        {
            return await mesh.WaitingAsync(cancellation).ConfigureAwait(false);
        }
        catch (HttpRequestException failure)
        {
            return [$"The control plane does not answer ({failure.Message}); its log is {mesh.Logs}/control-plane.err.log."];
        }
    }

    private static async Task SayAsync(IReadOnlyList<string> lines)
    {
        foreach (var line in lines)
        {
            await Console.Error.WriteLineAsync($"osm: {line}").ConfigureAwait(false);
        }
    }
}
