using OsmExt.DataPlane.Streams;

namespace OsmExt.DataPlane.Http;

/// <summary>A request's body, counted, with its beginning kept so that it can be sent once more.</summary>
/// <param name="inner">The body.</param>
/// <param name="keep">How much to keep; 0 for nothing.</param>
/// <param name="ended">Called when the client has sent all of it.</param>
internal sealed class ReplayableBody(Stream inner, int keep, Action ended) : HalfClosableStream
{
    private readonly MemoryStream? _kept = keep > 0 ? new() : null;
    private bool _lost;
    private bool _ended;
    private int _at;

    public long Received { get; private set; }

    /// <summary>Whether it can be sent again from its beginning.</summary>
    public bool IsWhole => !_lost;

    public override bool CanWrite => false;

    /// <summary>Begins again.</summary>
    public void Rewind() => _at = 0;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_kept is not null && _at < _kept.Length)
        {
            var again = Math.Min(buffer.Length, (int)_kept.Length - _at);
            _kept.GetBuffer().AsSpan(_at, again).CopyTo(buffer.Span);
            _at += again;
            return again;
        }

        var count = await inner.ReadAsync(buffer, cancellationToken);
        if (count == 0)
        {
            if (buffer.Length > 0 && !_ended)
            {
                _ended = true;
                ended();
            }

            return 0;
        }

        Received += count;
        if (_kept is null || _kept.Length + count > keep)
        {
            _lost = true;
        }
        else if (!_lost)
        {
            _kept.Write(buffer.Span[..count]);
            _at += count;
        }

        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public override ValueTask CloseWriteAsync() => ValueTask.CompletedTask;
}
