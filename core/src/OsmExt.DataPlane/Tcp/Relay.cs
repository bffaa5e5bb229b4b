using System.Buffers;
using OsmExt.DataPlane.Streams;

namespace OsmExt.DataPlane.Tcp;

/// <summary>Passes bytes between two connections, both ways, until both have said all they have to say.</summary>
internal sealed class Relay(Stream downstream, Stream upstream, TimeSpan? idle, TimeProvider time)
{
    private const int Chunk = 32 * 1024;
    private long _last = time.GetTimestamp();

    public long Received { get; private set; }

    public long Sent { get; private set; }

    /// <summary>Why it ended before its time; null when both sides ended it in order.</summary>
    public string? Broken { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var watch = idle is { Ticks: > 0 } limit ? time.CreateTimer(_ => Check(end, limit), null, limit, limit) : null;
        var there = CopyAsync(downstream, upstream, count => Received += count, end);
        var back = CopyAsync(upstream, downstream, count => Sent += count, end);
        await Task.WhenAll(there, back);
    }

    private async Task CopyAsync(Stream from, Stream to, Action<int> count, CancellationTokenSource end)
    {
        try
        {
            while (true)
            {
                // No memory is held while there is nothing to read.
                _ = await from.ReadAsync(Memory<byte>.Empty, end.Token);
                var buffer = ArrayPool<byte>.Shared.Rent(Chunk);
                try
                {
                    var read = await from.ReadAsync(buffer, end.Token);
                    if (read == 0)
                    {
                        await Ends.CloseWriteAsync(to);
                        return;
                    }

                    Interlocked.Exchange(ref _last, time.GetTimestamp());
                    count(read);
                    await to.WriteAsync(buffer.AsMemory(0, read), end.Token);
                    await to.FlushAsync(end.Token);
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }
        catch (Exception failure) when (Ends.IsEnd(failure))
        {
            // Half of a connection is of no use when the other is broken, and the peer shall see that it broke.
            Broken ??= failure is OperationCanceledException ? "timeout or drained" : failure.Message;
            await end.CancelAsync();
            if (failure is not OperationCanceledException)
            {
                Ends.Reset(to);
            }
        }
    }

    private void Check(CancellationTokenSource end, TimeSpan limit)
    {
        if (time.GetElapsedTime(Interlocked.Read(ref _last)) >= limit)
        {
            end.Cancel();
        }
    }
}
