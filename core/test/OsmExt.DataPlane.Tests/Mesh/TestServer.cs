using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OsmExt.DataPlane.Tests.Mesh;

/// <summary>An application on a loopback port.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly Func<ValueTask> _stop;

    private TestServer(IPEndPoint address, Func<ValueTask> stop) => (Address, _stop) = (address, stop);

    public IPEndPoint Address { get; }

    public static async Task<TestServer> HttpAsync(RequestDelegate serve, HttpProtocols protocols = HttpProtocols.Http1, Action<WebApplicationBuilder>? configure = null,
        Action<WebApplication>? map = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        configure?.Invoke(builder);
        var application = builder.Build();
        map?.Invoke(application);
        application.Run(serve);
        await application.StartAsync();
        var address = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return new(new(IPAddress.Loopback, address.Port), application.DisposeAsync);
    }

    public static Task<TestServer> TcpAsync(Func<Socket, Task> serve)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var stopping = new CancellationTokenSource();
        var loop = Task.Run(async () =>
        {
            while (true)
            {
                Socket socket;
                try
                {
                    socket = await listener.AcceptAsync(stopping.Token);
                }
                catch (Exception failure) when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
                {
                    return;
                }

                _ = Task.Run(async () =>
                {
                    using (socket)
                    {
                        try
                        {
                            await serve(socket);
                        }
                        catch (SocketException)
                        {
                            // The client is gone.
                        }
                    }
                });
            }
        });
        return Task.FromResult(new TestServer((IPEndPoint)listener.LocalEndPoint!, async () =>
        {
            await stopping.CancelAsync();
            listener.Dispose();
            await loop;
            stopping.Dispose();
        }));
    }

    /// <summary>Says back whatever it is sent, until the client has said all.</summary>
    public static async Task Echo(Socket socket)
    {
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer) is > 0 and var count)
        {
            await socket.SendAsync(buffer.AsMemory(0, count));
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    public ValueTask DisposeAsync() => _stop();
}
