using System.Buffers;
using System.IO.Pipelines;

namespace OsmExt.Xds.Server.Connections;

/// <summary>A connection whose incoming frames are counted.</summary>
/// <param name="inner">The connection.</param>
/// <param name="frames">Counts.</param>
/// <param name="tooMany">Ends it.</param>
internal sealed class GuardedPipe(IDuplexPipe inner, FrameCount frames, Action tooMany) : PipeReader, IDuplexPipe
{
    private ReadOnlySequence<byte> _buffer;
    private long _followed;

    public PipeReader Input => this;

    public PipeWriter Output => inner.Output;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        => Follow(await inner.Input.ReadAsync(cancellationToken).ConfigureAwait(false));

    public override bool TryRead(out ReadResult result)
    {
        if (!inner.Input.TryRead(out result))
        {
            return false;
        }

        Follow(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _followed -= _buffer.Slice(0, consumed).Length;
        _buffer = default;
        inner.Input.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.Input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Input.Complete(exception);

    private ReadResult Follow(ReadResult result)
    {
        _buffer = result.Buffer;
        var news = _buffer.Slice(_followed);
        _followed = _buffer.Length;
        if (!news.IsEmpty && !frames.Follow(news))
        {
            tooMany();
        }

        return result;
    }
}
