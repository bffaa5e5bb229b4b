namespace OsmExt.ControlPlane.Pipeline;

/// <summary>
/// Wakes one waiter. Setting it many times before the waiter looks wakes it once: what there is to do is found by looking, not
/// by counting signals.
/// </summary>
internal sealed class Wakeup
{
    private TaskCompletionSource _signal = NewSignal();

    public void Set() => Volatile.Read(ref _signal).TrySetResult();

    /// <summary>Completes when it has been set since the last call returned, or when the time is over, if one is given.</summary>
    public async Task WaitAsync(TimeSpan? atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        var signal = Volatile.Read(ref _signal).Task;
        try
        {
            await signal.WaitAsync(atMost ?? Timeout.InfiniteTimeSpan, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return;
        }

        Volatile.Write(ref _signal, NewSignal());
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
