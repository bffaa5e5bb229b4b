using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using OsmExt.DataPlane.Observation.Statistics;
using OsmExt.DataPlane.Streams;

namespace OsmExt.DataPlane.Http;

/// <summary>
/// A connection that is handed to Kestrel. It is read ahead a little, so that a client that goes away is noticed while its request is
/// still being answered.
/// </summary>
internal sealed class StreamConnection : ConnectionContext, IConnectionLifetimeFeature
{
    private static readonly PipeOptions ReadAhead = new(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false);
    // Envoy's, too.
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);
    private readonly Stream _stream;
    private readonly Pipe _input = new(ReadAhead);
    private readonly CancellationTokenSource _closed = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpConnectionCounts.Connection? _counts;
    private readonly Task _reading;
    private int _aborted;
    private volatile bool _closedThere;

    public StreamConnection(Stream stream, string id, IPEndPoint local, IPEndPoint remote, HttpSession? session = null)
    {
        _stream = stream;
        _counts = session?.Served.Counts;
        ConnectionId = id;
        LocalEndPoint = local;
        RemoteEndPoint = remote;
        ConnectionClosed = _closed.Token;
        if (session is not null)
        {
            Features.Set(session);
        }

        Features.Set<IConnectionLifetimeFeature>(this);
        Transport = new Duplex(_input.Reader, PipeWriter.Create(_counts is null ? stream : new SentBytes(stream, _counts), new(leaveOpen: true)));
        _reading = ReadAsync();
    }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

    public override IDuplexPipe Transport { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    /// <summary>It is closed, and its last byte has been written.</summary>
    public Task Ended => _ended.Task;

    public override void Abort(ConnectionAbortedException abortReason) => Abort();

    public override void Abort()
    {
        if (Interlocked.Exchange(ref _aborted, 1) == 0)
        {
            _stopping.Cancel();
            Ends.Reset(_stream);
            _closed.Cancel();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        try
        {
            if (_aborted == 0)
            {
                await Ends.CloseWriteAsync(_stream);
            }
            else
            {
                await _stopping.CancelAsync();
            }
        }
        catch (Exception failure) when (Ends.IsEnd(failure))
        {
            // The client was faster.
        }

        if (_counts is not null)
        {
            _counts.EndsHere = !_closedThere;
        }

        // A client that is just sending something would find the connection broken before it has read that it ends, if it were not read from to its own end.
        _stopping.CancelAfter(Linger);
        await _input.Reader.CompleteAsync();
        await _reading;
        await _stream.DisposeAsync();
        await base.DisposeAsync();
        _ended.TrySetResult();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                _ = await _stream.ReadAsync(Memory<byte>.Empty, _stopping.Token);
                var count = await _stream.ReadAsync(_input.Writer.GetMemory(), _stopping.Token);
                if (count == 0)
                {
                    _closedThere = true;
                    break;
                }

                _counts?.Received(count);
                _input.Writer.Advance(count);
                await _input.Writer.FlushAsync(_stopping.Token);
            }

            await _input.Writer.CompleteAsync();
        }
        catch (Exception failure) when (Ends.IsEnd(failure))
        {
            _closedThere |= failure is IOException or SocketException && _aborted == 0;
            await _input.Writer.CompleteAsync(new ConnectionResetException("The client is gone.", failure));
        }

        // Whoever waits for this must not keep the reader waiting.
        ThreadPool.UnsafeQueueUserWorkItem(static source => source.Cancel(), _closed, preferLocal: false);
    }

    // What is sent is counted beneath Kestrel's buffer, so that it costs one step for many answers.
    private sealed class SentBytes(Stream inner, HttpConnectionCounts.Connection counts) : WrappedStream(inner)
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            counts.Sent(buffer.Length);
            return Inner.WriteAsync(buffer, cancellationToken);
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
