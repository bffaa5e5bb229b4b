using System.Globalization;
using System.Net.Sockets;

namespace OsmExt.Demo;

/// <summary>The warehouse's connection to its storage: one at a time, opened when needed.</summary>
internal sealed class Storage : IDisposable
{
    // As with HTTP, a connection that was opened under an older policy must not live on.
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly string _host = Settings.Variable("BOOKSTORAGE_HOST", "bookstorage.bookwarehouse");
    private readonly int _port = (int)Settings.Number("BOOKSTORAGE_PORT", 3306);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Connection? _connection;

    /// <summary>Adds to a number in the storage. Null when it cannot be reached.</summary>
    public async Task<long?> AddAsync(string key, long count, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        var start = TimeProvider.System.GetTimestamp();
        var line = new RequestLine("bookwarehouse", "client", "TCP", $"tcp://{_host}:{_port}", 0);
        try
        {
            var total = await ExchangeAsync(string.Create(CultureInfo.InvariantCulture, $"ADD {key} {count}"), cancellation);
            line = line with { Status = 200 };
            return total;
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            Drop();
            line = line with { Error = e is SocketException socket ? socket.SocketErrorCode.ToString() : e is IOException ? e.Message : "Timeout" };
            return null;
        }
        finally
        {
            (line with { Ms = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds }).Print();
            _gate.Release();
        }
    }

    public void Dispose()
    {
        Drop();
        _gate.Dispose();
    }

    private async Task<long> ExchangeAsync(string command, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Patience);
        if (_connection is { } old && TimeProvider.System.GetElapsedTime(old.Opened) > Lifetime)
        {
            Drop();
        }

        _connection ??= await Connection.OpenAsync(_host, _port, deadline.Token);
        var reply = await _connection.AskAsync(command, deadline.Token);
        return reply.Split(' ') is ["OK", var total]
            ? long.Parse(total, CultureInfo.InvariantCulture)
            : throw new IOException($"The storage said '{reply}'.");
    }

    private void Drop()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private sealed class Connection(TcpClient client) : IDisposable
    {
        private readonly StreamReader _reader = new(client.GetStream());
        private readonly StreamWriter _writer = new(client.GetStream()) { AutoFlush = true, NewLine = "\n" };

        public long Opened { get; } = TimeProvider.System.GetTimestamp();

        public static async Task<Connection> OpenAsync(string host, int port, CancellationToken cancellation)
        {
            var client = await Surroundings.ConnectAsync(host, port, cancellation);
            try
            {
                var connection = new Connection(client);
                // The storage speaks first. Nothing is sent before it has.
                await connection.ReadAsync(cancellation);
                return connection;
            }
            catch
            {
                client.Dispose();
                throw;
            }
        }

        public async Task<string> AskAsync(string command, CancellationToken cancellation)
        {
            await _writer.WriteLineAsync(command.AsMemory(), cancellation);
            return await ReadAsync(cancellation);
        }

        public void Dispose()
        {
            _reader.Dispose();
            _writer.Dispose();
            client.Dispose();
        }

        private async Task<string> ReadAsync(CancellationToken cancellation)
            => await _reader.ReadLineAsync(cancellation) ?? throw new IOException("The storage closed the connection.");
    }
}
