using OsmExt.DataPlane.Streams;

namespace OsmExt.DataPlane.Http;

/// <summary>An answer's body, counted.</summary>
internal sealed class CountingBody(Stream inner) : HalfClosableStream
{
    public long Sent { get; private set; }

    public override bool CanRead => false;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Sent += buffer.Length;
        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override ValueTask CloseWriteAsync() => ValueTask.CompletedTask;
}
