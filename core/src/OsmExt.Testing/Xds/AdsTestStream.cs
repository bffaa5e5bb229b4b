using Envoy.Config.Core.V3;
using Grpc.Core;

namespace OsmExt.Testing.Xds;

/// <summary>One open discovery stream. Safe to use from several threads.</summary>
/// <typeparam name="TRequest">The generated request message.</typeparam>
/// <typeparam name="TResponse">The generated response message.</typeparam>
public abstract class AdsTestStream<TRequest, TResponse> : IAsyncDisposable, IStartReading
    where TRequest : class
    where TResponse : class
{
    private readonly AsyncDuplexStreamingCall<TRequest, TResponse> _call;
    private readonly AdsTestClientOptions _options;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Lock _lock = new();
    private readonly List<TResponse> _received = [];
    private readonly LinkedList<TResponse> _unread = [];
    private readonly TaskCompletionSource<Status> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _introduced;

    private protected AdsTestStream(AsyncDuplexStreamingCall<TRequest, TResponse> call, AdsTestClientOptions options)
    {
        _call = call;
        _options = options;
    }

    /// <summary>Acknowledge each response as soon as it arrives. Off by default.</summary>
    public bool AutoAck { get; set; }

    /// <summary>Every response so far, in order.</summary>
    public IReadOnlyList<TResponse> Received
    {
        get
        {
            lock (_lock)
            {
                return [.. _received];
            }
        }
    }

    /// <summary>Completes with the status with which the server, or the connection, ended the stream.</summary>
    public Task<Status> Ended => _ended.Task;

    /// <summary>Begins to read responses, when the stream was opened without reading.</summary>
    public void StartReading() => _ = Task.Run(ReadAsync);

    /// <summary>Sends a request as it is.</summary>
    /// <param name="request">The request; it is not given a node.</param>
    public async Task SendAsync(TRequest request)
    {
        await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            Sending(request);
            await _call.RequestStream.WriteAsync(request).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Takes the next response of a type that was not taken yet, waiting for it if need be.</summary>
    /// <param name="typeUrl">The type; null for the next response of whatever type.</param>
    /// <param name="timeout">How long to wait; the client's default if null.</param>
    /// <exception cref="TimeoutException">Nothing came; the message says what did come.</exception>
    /// <exception cref="RpcException">The stream ended first.</exception>
    public async Task<TResponse> NextAsync(string? typeUrl = null, TimeSpan? timeout = null)
    {
        using var patience = new CancellationTokenSource(timeout ?? _options.Timeout, TimeProvider.System);
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                changed = _changed.Task;
                for (var node = _unread.First; node is not null; node = node.Next)
                {
                    if (typeUrl is null || string.Equals(TypeOf(node.Value), typeUrl, StringComparison.Ordinal))
                    {
                        _unread.Remove(node);
                        return node.Value;
                    }
                }
            }

            if (Ended.IsCompleted)
            {
                throw new RpcException(await Ended.ConfigureAwait(false));
            }

            try
            {
                await changed.WaitAsync(patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"no response of type {typeUrl ?? "any"}; received so far: {string.Join(", ", Received.Select(TypeOf))}");
            }
        }
    }

    /// <summary>Accepts a response.</summary>
    /// <param name="response">The response.</param>
    public Task AckAsync(TResponse response) => SendAsync(Answer(response, null));

    /// <summary>Refuses a response.</summary>
    /// <param name="response">The response.</param>
    /// <param name="reason">The error message sent along.</param>
    public Task NackAsync(TResponse response, string reason)
        => SendAsync(Answer(response, new() { Code = (int)StatusCode.InvalidArgument, Message = reason }));

    /// <summary>Says that no more requests will come, as a client does that closes properly.</summary>
    public Task CompleteAsync() => _call.RequestStream.CompleteAsync();

    /// <summary>Cancels the stream.</summary>
    public ValueTask DisposeAsync()
    {
        _call.Dispose();
        _sending.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>The node, for the first request only, as real clients do it.</summary>
    private protected Node? Introduction()
    {
        if (_introduced)
        {
            return null;
        }

        _introduced = true;
        return new(_options.Node) { Id = _options.NodeId };
    }

    private protected abstract string TypeOf(TResponse response);

    private protected abstract TRequest Answer(TResponse response, Google.Rpc.Status? error);

    private protected virtual void Sending(TRequest request)
    {
    }

    private protected virtual void Receiving(TResponse response)
    {
    }

    private async Task ReadAsync()
    {
        Status status;
        try
        {
            while (await _call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
            {
                await TakeAsync(_call.ResponseStream.Current).ConfigureAwait(false);
            }

            status = _call.GetStatus();
        }
        catch (RpcException ended)
        {
            status = ended.Status;
        }
        catch (Exception closed) when (closed is ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            status = new(StatusCode.Cancelled, closed.Message);
        }

        _ended.TrySetResult(status);
        Announce();
    }

    private async Task TakeAsync(TResponse response)
    {
        lock (_lock)
        {
            _received.Add(response);
            _unread.AddLast(response);
            Receiving(response);
        }

        Announce();
        if (!AutoAck)
        {
            return;
        }

        try
        {
            await AckAsync(response).ConfigureAwait(false);
        }
        catch (Exception closed) when (closed is RpcException or InvalidOperationException or ObjectDisposedException)
        {
            // The stream is ending; reading on tells how.
        }
    }

    private void Announce()
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }
}
