namespace OsmExt.DataPlane.Streams;

/// <summary>A stream of which some bytes have been looked at; they are read again, first.</summary>
internal sealed class ReplayStream(Stream inner, byte[] seen, int length) : WrappedStream(inner)
{
    private byte[]? _seen = length > 0 ? seen : null;
    private int _at;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_seen is null)
        {
            return Inner.ReadAsync(buffer, cancellationToken);
        }

        var count = Math.Min(buffer.Length, length - _at);
        _seen.AsSpan(_at, count).CopyTo(buffer.Span);
        _at += count;
        if (_at == length)
        {
            _seen = null;
        }

        return ValueTask.FromResult(count);
    }
}
