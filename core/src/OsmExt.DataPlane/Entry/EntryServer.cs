using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OsmExt.DataPlane.Listeners;
using OsmExt.DataPlane.Streams;

namespace OsmExt.DataPlane.Entry;

/// <summary>
/// Where a pod's applications hand in what they send when nothing intercepts it: <c>HTTP_PROXY</c> and <c>ALL_PROXY</c> in one port. It decides
/// nothing but where a name is; everything else is up to the sidecar.
/// </summary>
internal sealed class EntryServer : IAsyncDisposable
{
    private const int Backlog = 1024;
    private const int LongestHead = 16 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly WayOut _way;
    private readonly TimeProvider _time;
    private readonly EntryHttp _http;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Acceptor _acceptor;

    private EntryServer(IPEndPoint address, WayOut way, EntryHttp http, TimeProvider time)
    {
        (_way, _http, _time) = (way, http, time);
        _acceptor = new(address, Backlog, socket => _ = Task.Run(() => ServeAsync(socket)));
    }

    public IPEndPoint Address => _acceptor.Address;

    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public static async Task<EntryServer> StartAsync(IPEndPoint address, WayOut way, TimeProvider time, ILoggerFactory logs, CancellationToken stop)
    {
        var http = new EntryHttp(way, logs);
        try
        {
            await http.StartAsync(stop);
            return new(address, way, http, time);
        }
        catch
        {
            await http.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes nothing new.</summary>
    public ValueTask StopAsync() => _acceptor.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await _acceptor.DisposeAsync();
        await _stopping.CancelAsync();
        await _http.DisposeAsync();
    }

    private async Task ServeAsync(Socket socket)
    {
        socket.NoDelay = true;
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            using var limit = new CancellationTokenSource(Patience, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
            var buffer = new byte[LongestHead];
            var length = await ReadStartAsync(stream, buffer, either.Token);
            var client = (IPEndPoint)socket.RemoteEndPoint!;
            if (length > 0 && buffer[0] == Socks.Version)
            {
                await SocksAsync(new ReplayStream(stream, buffer, length), client, either.Token);
            }
            else if (buffer.AsSpan(0, length).StartsWith(ConnectRequest.Start))
            {
                await TunnelAsync(stream, buffer, length, client, either.Token);
            }
            else if (length > 0)
            {
                await _http.ServeAsync(new ReplayStream(stream, buffer, length), client, (IPEndPoint)socket.LocalEndPoint!, _stopping.Token);
            }
        }
        catch (Exception failure) when (Ends.IsEnd(failure))
        {
            // The application went away, or had its time.
            Ends.Reset(stream);
        }
    }

    // As much as tells the three apart.
    private static async Task<int> ReadStartAsync(Stream stream, byte[] buffer, CancellationToken stop)
    {
        var length = 0;
        do
        {
            var count = await stream.ReadAsync(buffer.AsMemory(length), stop);
            if (count == 0)
            {
                break;
            }

            length += count;
        }
        while (length < ConnectRequest.Start.Length && ConnectRequest.Start.StartsWith(buffer.AsSpan(0, length)));

        return length;
    }

    private async Task SocksAsync(ReplayStream stream, IPEndPoint client, CancellationToken limit)
    {
        if (await Socks.ReadAsync(stream, limit) is not var (host, port))
        {
            return;
        }

        var opening = await _way.OpenAsync(host, port, client, _stopping.Token);
        if (opening.Carry is null)
        {
            await Socks.RefuseAsync(stream, opening.Failure, limit);
            return;
        }

        await Socks.AcceptAsync(stream, limit);
        await opening.Carry(stream);
    }

    private async Task TunnelAsync(NetworkStream stream, byte[] buffer, int length, IPEndPoint client, CancellationToken limit)
    {
        var (head, authority) = (0, "");
        try
        {
            while (true)
            {
                (head, authority) = ConnectRequest.Read(buffer.AsMemory(0, length));
                if (head > 0)
                {
                    break;
                }

                if (length == buffer.Length)
                {
                    await SayAsync(stream, 431, "Request Header Fields Too Large", $"The head of a CONNECT request may have {LongestHead} bytes.", limit);
                    return;
                }

                var count = await stream.ReadAsync(buffer.AsMemory(length), limit);
                if (count == 0)
                {
                    return;
                }

                length += count;
            }
        }
        catch (BadHttpRequestException)
        {
            await SayAsync(stream, 400, "Bad Request", "This is no CONNECT request.", limit);
            return;
        }

        if (Authority.Parse(authority) is not var (host, port))
        {
            await SayAsync(stream, 400, "Bad Request", "CONNECT needs HOST:PORT.", limit);
            return;
        }

        var opening = await _way.OpenAsync(host, port, client, _stopping.Token);
        if (opening.Carry is null)
        {
            var (status, reason) = opening.Failure == EntryFailure.NotReady ? (503, "Service Unavailable") : (502, "Bad Gateway");
            await SayAsync(stream, status, reason, opening.Problem, limit);
            return;
        }

        await stream.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), limit);
        await opening.Carry(new ReplayStream(stream, buffer[head..length], length - head));
    }

    private static async Task SayAsync(Stream stream, int status, string reason, string problem, CancellationToken stop)
    {
        var body = $"osm: {problem}\n";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status} {reason}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {Encoding.UTF8.GetByteCount(body)}\r\nconnection: close\r\n\r\n{body}")), stop);
        await Ends.CloseWriteAsync(stream);
    }
}
