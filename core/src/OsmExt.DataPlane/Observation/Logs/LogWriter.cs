using System.Text;
using System.Threading.Channels;

namespace OsmExt.DataPlane.Observation.Logs;

/// <summary>
/// Writes lines to one place, behind the back of those who serve requests: they never wait for a disk or a terminal. Where lines come faster
/// than they can be written some are left out, and counted.
/// </summary>
internal sealed class LogWriter : IAsyncDisposable
{
    private const int Waiting = 16_384;

    private readonly Channel<string> _lines = Channel.CreateBounded<string>(new BoundedChannelOptions(Waiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private readonly TextWriter _target;
    private readonly bool _owned;
    private readonly Task _writing;
    private long _leftOut;

    private LogWriter(TextWriter target, bool owned)
    {
        (_target, _owned) = (target, owned);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Lines that were left out.</summary>
    public long LeftOut => Interlocked.Read(ref _leftOut);

    /// <summary>Writes to what somebody else owns, such as standard output.</summary>
    public static LogWriter To(TextWriter target) => new(target, owned: false);

    /// <summary>Appends to a file.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static LogWriter ToFile(string path)
        => new(new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite), new UTF8Encoding(false)), owned: true);

    public void Write(string line)
    {
        if (!_lines.Writer.TryWrite(line))
        {
            Interlocked.Increment(ref _leftOut);
        }
    }

    /// <summary>Writes what is left and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
        if (_owned)
        {
            await _target.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task WriteAsync()
    {
        while (await _lines.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            try
            {
                while (_lines.Reader.TryRead(out var line))
                {
                    await _target.WriteAsync(line).ConfigureAwait(false);
                }

                await _target.FlushAsync().ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is IOException or ObjectDisposedException)
            {
                // A full disk or a closed pipe ends no request; the next line is tried again.
                Interlocked.Increment(ref _leftOut);
            }
        }
    }
}
