using OsmExt.Demo.Mesh;
using OsmExt.Demo.Traffic;

namespace OsmExt.Demo.Script;

/// <summary>Makes a step's change and watches what comes of it.</summary>
/// <param name="mesh">The mesh.</param>
/// <param name="watch">Called while waiting, with the traffic since the change.</param>
internal sealed class StepRunner(RunningMesh mesh, Action<IReadOnlyList<Exchange>> watch)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async Task<StepResult> RunAsync(Step step, CancellationToken cancellation)
    {
        var changes = step.Target.Length > 0;
        var begin = changes ? mesh.Files.Put(step.Target, step.File) : TimeProvider.System.GetUtcNow();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        var acknowledged = changes ? AcknowledgedAsync(begin, patience.Token) : Task.FromResult<Change?>(null);
        var observed = await ObserveAsync(step, begin, patience.Token, cancellation);
        var change = await acknowledged;
        cancellation.ThrowIfCancellationRequested();

        var checks = step.Expectations.Select(expect => expect(observed)).ToList();
        var effect = step.Effect(observed.All);
        if (changes)
        {
            checks.Insert(0, new("the change is in force", effect is not null));
            checks.Insert(1, new($"all sidecars concerned acknowledged it ({change?.Streams ?? 0})", change is not null));
        }

        return new(step, changes ? (effect?.End - begin)?.TotalMilliseconds : null, change, (change?.At - begin)?.TotalMilliseconds, observed.Settled, checks);
    }

    private async Task<Change?> AcknowledgedAsync(DateTimeOffset begin, CancellationToken patience)
    {
        try
        {
            return await mesh.ControlPlane.WaitAsync(begin, patience);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<Observed> ObserveAsync(Step step, DateTimeOffset begin, CancellationToken patience, CancellationToken cancellation)
    {
        while (true)
        {
            var all = mesh.Traffic.Since(begin);
            var settled = step.Settled(all);
            if (patience.IsCancellationRequested || settled.Count(exchange => exchange.To == "bookstore") >= step.Samples)
            {
                return new(all, settled);
            }

            watch(all);
            await Task.Delay(Look, TimeProvider.System, cancellation);
        }
    }
}
