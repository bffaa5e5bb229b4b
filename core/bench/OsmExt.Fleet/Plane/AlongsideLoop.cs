using System.Diagnostics;
using OsmExt.Fleet.Meshes;

namespace OsmExt.Fleet.Plane;

/// <summary>Has things happen in their rhythm beside whatever else does, until it is stopped. It waits for no answer.</summary>
internal sealed class AlongsideLoop
{
    private readonly Task<int> _running;
    private volatile bool _isOver;

    /// <param name="steps">What happens; each is drawn when it is due.</param>
    /// <param name="pace">How much faster than the steps' rhythm.</param>
    /// <param name="happen">Has one happen.</param>
    /// <param name="drawing">Held while one is drawn and happens: others draw on the same mesh.</param>
    public AlongsideLoop(IEnumerable<Step> steps, double pace, Action<Step> happen, Lock drawing)
        => _running = Task.Run(() => RunAsync(steps, pace, happen, drawing));

    /// <summary>Stops, and says how many have happened.</summary>
    public Task<int> StopAsync()
    {
        _isOver = true;
        return _running;
    }

    private async Task<int> RunAsync(IEnumerable<Step> steps, double pace, Action<Step> happen, Lock drawing)
    {
        var (count, start, due) = (0, Stopwatch.GetTimestamp(), TimeSpan.Zero);
        using var next = steps.GetEnumerator();
        while (!_isOver)
        {
            lock (drawing)
            {
                if (!next.MoveNext())
                {
                    return count;
                }

                happen(next.Current);
            }

            count++;
            due += next.Current.Pause / pace;
            var early = due - Stopwatch.GetElapsedTime(start);
            await Task.Delay(early > TimeSpan.Zero ? early : TimeSpan.Zero, TimeProvider.System).ConfigureAwait(false);
        }

        return count;
    }
}
