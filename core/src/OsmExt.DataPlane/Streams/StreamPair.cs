using System.IO.Pipelines;

namespace OsmExt.DataPlane.Streams;

/// <summary>A connection inside this process: what is written to one end is read at the other.</summary>
internal static class StreamPair
{
    public static (Stream Left, Stream Right) Create()
    {
        var there = new Pipe(new(useSynchronizationContext: false));
        var back = new Pipe(new(useSynchronizationContext: false));
        return (new End(back.Reader, there.Writer), new End(there.Reader, back.Writer));
    }

    private sealed class End(PipeReader reader, PipeWriter writer) : HalfClosableStream
    {
        private int _ended;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var count = (int)Math.Min(buffer.Length, result.Buffer.Length);
            var taken = result.Buffer.Slice(0, count);
            var at = 0;
            foreach (var segment in taken)
            {
                segment.Span.CopyTo(buffer.Span[at..]);
                at += segment.Length;
            }

            // A read of no bytes waits for there to be some.
            reader.AdvanceTo(taken.End);
            return count;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                if ((await writer.WriteAsync(buffer, cancellationToken)).IsCompleted)
                {
                    throw new IOException("The other end is closed.");
                }
            }
            catch (InvalidOperationException failure)
            {
                throw new IOException("This end is closed.", failure);
            }
        }

        public override ValueTask CloseWriteAsync() => writer.CompleteAsync();

        protected override void Dispose(bool disposing)
        {
            if (disposing && Interlocked.Exchange(ref _ended, 1) == 0)
            {
                writer.Complete();
                reader.Complete();
            }

            base.Dispose(disposing);
        }
    }
}
