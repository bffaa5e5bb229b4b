using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace OsmExt.Testing.ApiServer.Pods;

/// <summary>
/// Connections to ports over one WebSocket. The port with index i has channel 2i for its bytes and 2i+1 for what went wrong; each begins with the port
/// in two bytes, the lower first.
/// </summary>
internal sealed class PortChannels(WebSocket socket) : IDisposable
{
    private const int Piece = 16 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _sending = new(1, 1);

    public async Task RunAsync(IReadOnlyList<(ushort Port, EndPoint? Target)> ports, string pod, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var connections = new Socket?[ports.Count];
        var answering = new List<Task>();
        try
        {
            for (var i = 0; i < ports.Count; i++)
            {
                var prefix = new byte[2];
                BinaryPrimitives.WriteUInt16LittleEndian(prefix, ports[i].Port);
                await SendAsync(2 * i, prefix, stop).ConfigureAwait(false);
                await SendAsync((2 * i) + 1, prefix, stop).ConfigureAwait(false);
                connections[i] = await ConnectAsync(i, ports[i], pod, stop).ConfigureAwait(false);
                if (connections[i] is { } connection)
                {
                    answering.Add(AnswerAsync(2 * i, connection, ending.Token));
                }
            }

            var receiving = ReceiveAsync(connections, ending.Token);
            await Task.WhenAny(receiving, Task.WhenAll(answering)).ConfigureAwait(false);
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, stop).ConfigureAwait(false);
            }

            // Cut off at once, the client might not get to read what was sent last.
            await receiving.WaitAsync(Patience, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException)
        {
            // The client has gone.
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            foreach (var connection in connections)
            {
                connection?.Dispose();
            }

            await Task.WhenAll(answering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _sending.Dispose();

    private async Task<Socket?> ConnectAsync(int index, (ushort Port, EndPoint? Target) port, string pod, CancellationToken stop)
    {
        if (port.Target is { } target)
        {
            var connection = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await connection.ConnectAsync(target, stop).ConfigureAwait(false);
                return connection;
            }
            catch (SocketException)
            {
                connection.Dispose();
            }
        }

        await SendAsync((2 * index) + 1, Encoding.UTF8.GetBytes($"an error occurred forwarding to port {port.Port} of pod {pod}: connection refused"), stop).ConfigureAwait(false);
        return null;
    }

    private async Task AnswerAsync(int channel, Socket connection, CancellationToken stop)
    {
        var buffer = new byte[Piece];
        while (await connection.ReceiveAsync(buffer, stop).ConfigureAwait(false) is > 0 and var length)
        {
            await SendAsync(channel, buffer.AsMemory(0, length), stop).ConfigureAwait(false);
        }
    }

    private async Task ReceiveAsync(Socket?[] connections, CancellationToken stop)
    {
        while (true)
        {
            var message = new ArrayBufferWriter<byte>();
            ValueWebSocketReceiveResult received;
            do
            {
                received = await socket.ReceiveAsync(message.GetMemory(Piece), stop).ConfigureAwait(false);
                message.Advance(received.Count);
            }
            while (!received.EndOfMessage);

            if (received.MessageType == WebSocketMessageType.Close)
            {
                return;
            }

            if (message.WrittenCount > 1 && message.WrittenSpan[0] is var channel && channel % 2 == 0 && connections.ElementAtOrDefault(channel / 2) is { } connection)
            {
                await connection.SendAsync(message.WrittenMemory[1..], stop).ConfigureAwait(false);
            }
        }
    }

    private async Task SendAsync(int channel, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        byte[] message = [(byte)channel, .. bytes.Span];
        await _sending.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            await socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, stop).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }
}
