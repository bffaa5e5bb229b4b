using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace OsmExt.Identity;

/// <summary>
/// RSA keys made ahead, since making one takes long. It starts with the first key that is asked for, keeps as many as there are
/// certificates to issue, within its capacity, and gives each away once. Whoever finds it empty makes a key instead of waiting.
/// Safe on any number of threads.
/// </summary>
/// <param name="capacity">The most keys it keeps; 0 for none.</param>
/// <param name="generate">Makes a key of so many bits.</param>
/// <param name="time">Tells how long making a key took.</param>
/// <param name="logger">Told when no key could be made ahead.</param>
internal sealed partial class RsaKeyPool(int capacity, Func<int, RSA> generate, TimeProvider time, ILogger<RsaKeyPool> logger) : IDisposable
{
    private readonly Channel<bool> _taken = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<RSA> _keys = new();
    private readonly Lock _gate = new();
    private Task? _worker;
    private int _bits;
    private int _wanted;
    private bool _disposed;

    /// <summary>How many keys are there at this moment.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _keys.Count;
            }
        }
    }

    /// <summary>A key that nobody else gets; the caller's to dispose. Keys of another size than the last one asked for are thrown away.</summary>
    /// <param name="bits">Its size.</param>
    /// <param name="certificates">How many certificates there are whose keys are replaced from time to time.</param>
    public RSA Take(int bits, int certificates)
    {
        RSA? key = null;
        lock (_gate)
        {
            if (!_disposed && capacity > 0)
            {
                if (bits != _bits)
                {
                    Clear();
                    _bits = bits;
                }

                _wanted = Math.Min(certificates, capacity);
                _keys.TryDequeue(out key);
                _worker ??= Task.Run(() => FillAsync(_stop.Token));
            }
        }

        _taken.Writer.TryWrite(true);
        return key ?? generate(bits);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            Clear();
        }

        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task FillAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var _ in _taken.Reader.ReadAllAsync(stopping).ConfigureAwait(false))
            {
                await FillOnceAsync(stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    // Priorities of threads mean nothing on Linux. Resting after each key as long as it took leaves half a core to others.
    private async Task FillOnceAsync(CancellationToken stopping)
    {
        while (Missing() is { } bits)
        {
            var start = time.GetTimestamp();
            try
            {
                Add(bits, await Task.Factory.StartNew(() => generate(bits), stopping, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false));
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                Log.NotMade(logger, bits, failure);
                return;
            }

            await Task.Delay(time.GetElapsedTime(start), time, stopping).ConfigureAwait(false);
        }
    }

    private int? Missing()
    {
        lock (_gate)
        {
            return !_disposed && _keys.Count < _wanted ? _bits : null;
        }
    }

    private void Add(int bits, RSA key)
    {
        lock (_gate)
        {
            if (!_disposed && bits == _bits && _keys.Count < _wanted)
            {
                _keys.Enqueue(key);
                return;
            }
        }

        key.Dispose();
    }

    private void Clear()
    {
        while (_keys.TryDequeue(out var key))
        {
            key.Dispose();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4040, LogLevel.Warning, "No RSA key of {Bits} bits could be made ahead. It is tried again when the next one is used.")]
        public static partial void NotMade(ILogger logger, int bits, Exception failure);
    }
}
