using System.Globalization;
using OsmExt.Demo.Mesh;
using OsmExt.Demo.Script;

namespace OsmExt.Demo.View;

/// <summary>Plays the script; without <c>once</c> it then stays and shows what happens until it is interrupted.</summary>
internal sealed class Show(RunningMesh mesh, bool once)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    // Where lines stay, a table now and then is enough.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Screen _screen = new();

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        _screen.Write(
            [$"{mesh.Proxies.Count} {mesh.Status.Proxies} ({string.Join(", ", mesh.Proxies.Select(proxy => proxy.Envoy).Distinct().Order())}) are configured. Manifests: ", new(mesh.Options.Mesh, Paint.Strong)],
            [$"Logs: {mesh.Options.Logs}"]);
        var runner = new StepRunner(mesh, seen => _screen.Draw([[], .. TrafficTable.Lines(seen)]));
        var results = new List<StepResult>();
        foreach (var step in BookstoreScript.Steps.Prepend(BookstoreScript.Start))
        {
            _screen.Write(StepView.Heading(step, results.Count));
            results.Add(await runner.RunAsync(step, cancellation));
            _screen.Write(StepView.Outcome(results[^1]));
        }

        _screen.Write(StepView.Summary(results));
        if (once)
        {
            return results.All(result => result.Held) ? DemoRun.Ok : DemoRun.Failed;
        }

        await StayAsync(cancellation);
        return DemoRun.Ok;
    }

    private async Task StayAsync(CancellationToken cancellation)
    {
        _screen.Write([], ["The mesh stays up. Edit, add and remove files in ", new(mesh.Options.Mesh, Paint.Strong), " and watch; Ctrl-C ends it."], []);
        var known = (await mesh.ControlPlane.ChangesAsync(cancellation)).Select(change => change.Revision).ToHashSet();
        while (true)
        {
            foreach (var change in (await mesh.ControlPlane.ChangesAsync(cancellation)).Where(change => known.Add(change.Revision)))
            {
                _screen.Write([new(Clock(change.At), Paint.Faint), " A change is in force: ", .. StepView.Acknowledged(change), " after it was noticed"]);
            }

            var seen = mesh.Traffic.Since(TimeProvider.System.GetUtcNow() - Window);
            IReadOnlyList<Span> title = [new($"{Clock(TimeProvider.System.GetUtcNow())} the last {Window.TotalSeconds} seconds", Paint.Faint)];
            IReadOnlyList<IReadOnlyList<Span>> block = [title, .. TrafficTable.Lines(seen), [], .. TrafficTable.Identities(seen)];
            if (_screen.IsLive)
            {
                _screen.Draw(block);
            }
            else
            {
                _screen.Write([.. block, []]);
            }

            await Task.Delay(_screen.IsLive ? Look : Pause, TimeProvider.System, cancellation);
        }
    }

    private static string Clock(DateTimeOffset time) => time.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
}
