using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace OsmExt.LocalRuntime.Tests;

[Collection(nameof(Machine))]
public sealed class PodNetworkTests
{
    private static readonly (Version, HttpProtocols, string)[] Protocols =
        [(HttpVersion.Version11, HttpProtocols.Http1, "HTTP/1.1"), (HttpVersion.Version20, HttpProtocols.Http2, "HTTP/2")];

    [PrivilegedFact]
    public async Task Http_requests_leave_from_inside_the_pod()
    {
        await using var mesh = await TestMesh.StartAsync();
        await mesh.ApplyAsync(
            [Objects.Pod("shop", "client", "10.244.0.1"), Objects.Pod("shop", "server", "10.244.0.2")],
            [Objects.Service("shop", "cart", 80, "10.96.0.10")], [Objects.Slice("shop", "cart", 8080, "10.244.0.2")]);
        foreach (var (version, protocols, name) in Protocols)
        {
            using var listener = await mesh.Network("shop", "server").ListenAsync(new IPEndPoint(IPAddress.Any, 8080));
            await using var server = Server(listener, protocols);
            await server.StartAsync();
            using var client = mesh.Network("shop", "client").CreateClient(version);

            Assert.Equal($"10.244.0.1 {name} cart.shop", await client.GetStringAsync(new Uri("http://cart.shop/")).WaitAsync(TimeSpan.FromSeconds(20)));
            await server.StopAsync();
        }
    }

    [PrivilegedFact]
    public async Task No_thread_of_this_process_stays_in_a_pod()
    {
        await using var mesh = await TestMesh.StartAsync();
        await mesh.ApplyAsync([Objects.Pod("shop", "client", "10.244.0.1"), Objects.Pod("shop", "server", "10.244.0.2")]);
        using var server = await Greeter.StartAsync(mesh.Network("shop", "server"), 8080, "server");

        var client = mesh.Network("shop", "client");
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => Greeter.AskAsync(client, "10.244.0.2", 8080))));

        Assert.Equal(["server"], answers.Distinct());
        Assert.Single(Networks().Distinct());
    }

    [PrivilegedFact]
    public async Task What_cannot_be_reached_is_said_as_elsewhere()
    {
        await using var mesh = await TestMesh.StartAsync();
        await mesh.ApplyAsync([Objects.Pod("shop", "client", "10.244.0.1")]);
        var client = mesh.Network("shop", "client");

        Assert.Equal(SocketError.HostNotFound, (await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync("nobody", 80))).SocketErrorCode);
        Assert.Equal(SocketError.ConnectionRefused, (await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync("localhost", 80))).SocketErrorCode);
        var failure = await Assert.ThrowsAsync<IOException>(() => mesh.Network("shop", "gone").ConnectAsync("127.0.0.1", 80));
        Assert.Equal($"There is no network namespace 'osm.{mesh.Name}.shop.gone'; the pod is not running.", failure.Message);
    }

    private static WebApplication Server(Socket listener, HttpProtocols protocols)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenHandle((ulong)listener.Handle, listen => listen.Protocols = protocols));
        var server = builder.Build();
        server.Run(context => context.Response.WriteAsync($"{context.Connection.RemoteIpAddress} {context.Request.Protocol} {context.Request.Host}"));
        return server;
    }

    private static List<string> Networks()
    {
        var networks = new List<string>();
        foreach (var thread in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                // Without a target it ended in between, too.
                networks.AddRange(new[] { new FileInfo(Path.Join(thread, "ns/net")).LinkTarget }.OfType<string>());
            }
            catch (IOException)
            {
                // It ended in between.
            }
        }

        return networks;
    }
}
