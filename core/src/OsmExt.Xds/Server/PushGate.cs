namespace OsmExt.Xds.Server;

/// <summary>
/// Bounds how many responses are being written at once, since each is in memory as a whole until its reader took it. A slow
/// reader is moved aside to a bounded waiting room, so that a few of them do not stop everyone else. Answers, which are what
/// newcomers get, leave some of the slots to updates: those who come all at once do not hold up those who are there.
/// </summary>
internal sealed class PushGate(int slots, int slowSlots, TimeSpan slowAfter, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(slots);
    private readonly SemaphoreSlim _answers = new(Math.Max(1, slots * 3 / 4));
    private readonly SemaphoreSlim _slow = new(Math.Max(1, slowSlots), Math.Max(1, slowSlots));
    private readonly bool _hasSlow = slowSlots > 0;

    public int FreeSlots => _slots.CurrentCount;

    /// <summary>Returns how long it waited for a slot.</summary>
    public async Task<TimeSpan> RunAsync(Func<Task> write, bool isAnswer, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        await EnterAsync(isAnswer, cancellationToken).ConfigureAwait(false);
        var waited = clock.GetElapsedTime(start);
        var isAside = false;
        try
        {
            var writing = write();
            if (!writing.IsCompleted && await IsSlowAsync(writing).ConfigureAwait(false) && _hasSlow && _slow.Wait(0, CancellationToken.None))
            {
                isAside = true;
                Leave(isAnswer);
            }

            await writing.ConfigureAwait(false);
        }
        finally
        {
            if (isAside)
            {
                _slow.Release();
            }
            else
            {
                Leave(isAnswer);
            }
        }

        return waited;
    }

    public void Dispose()
    {
        _slots.Dispose();
        _answers.Dispose();
        _slow.Dispose();
    }

    private async ValueTask EnterAsync(bool isAnswer, CancellationToken cancellationToken)
    {
        if (!isAnswer)
        {
            await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        await _answers.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _answers.Release();
            throw;
        }
    }

    private void Leave(bool isAnswer)
    {
        _slots.Release();
        if (isAnswer)
        {
            _answers.Release();
        }
    }

    private async Task<bool> IsSlowAsync(Task writing)
    {
        using var done = new CancellationTokenSource();
        var finished = await Task.WhenAny(writing, Task.Delay(slowAfter, clock, done.Token)).ConfigureAwait(false);
        await done.CancelAsync().ConfigureAwait(false);
        return finished != writing;
    }
}
