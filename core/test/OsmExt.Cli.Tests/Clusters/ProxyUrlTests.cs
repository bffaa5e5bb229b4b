using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace OsmExt.Cli.Tests.Clusters;

/// <summary>A cluster behind an HTTP proxy: everything goes through it, connections to pods as well.</summary>
public class ProxyUrlTests
{
    [Fact]
    public async Task Requests_and_connections_to_pods_go_through_the_proxy_that_the_kubeconfig_names()
    {
        await using var cluster = await TestCluster.StartAsync(ClusterObjects.Namespace("shop"), ClusterObjects.Pod("shop", "store"));
        using var admin = new HttpListener();
        cluster.Listen("shop/store", 15000, TestPage.Listen(admin));
        var answering = TestPage.AnswerAsync(admin, "/ready", "LIVE\n", 1);
        using var proxy = new ConnectProxy();
        var file = cluster.Write("proxied", Regex.Replace(await File.ReadAllTextAsync(cluster.Kubeconfig), "(?m)^( *)server: ", $"$1proxy-url: http://{proxy.Address}\n$1server: "));
        Assert.Contains("proxy-url", await File.ReadAllTextAsync(file), StringComparison.Ordinal);

        var run = await Osm.RunAsync("proxy", "get", "ready", "shop/store", "--kubeconfig", file);

        Assert.Equal((0, "LIVE\n", ""), (run.ExitCode, run.Output, run.Errors));
        Assert.True(proxy.Connections >= 2, $"{proxy.Connections} connections came through the proxy");
        await answering;

        // Where the proxy is away, nothing goes around it.
        proxy.Dispose();
        var without = await Osm.RunAsync("proxy", "get", "ready", "shop/store", "--kubeconfig", file);
        Assert.Equal((1, ""), (without.ExitCode, without.Output));
    }

    /// <summary>A proxy that knows CONNECT.</summary>
    private sealed class ConnectProxy : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public ConnectProxy()
        {
            _listener.Start();
            Address = _listener.LocalEndpoint.ToString()!;
            _ = AcceptAsync();
        }

        public string Address { get; }

        public int Connections { get; private set; }

        public void Dispose() => _listener.Stop();

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    var client = await _listener.AcceptTcpClientAsync();
                    _ = RelayAsync(client);
                }
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task RelayAsync(TcpClient client)
        {
            using var connection = client;
            var stream = client.GetStream();
            var head = new StringBuilder();
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                var one = new byte[1];
                await stream.ReadExactlyAsync(one);
                head.Append((char)one[0]);
            }

            Assert.StartsWith("CONNECT ", head.ToString(), StringComparison.Ordinal);
            Connections++;
            using var target = new TcpClient();
            await target.ConnectAsync(IPEndPoint.Parse(head.ToString().Split(' ')[1]));
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray());
            await Task.WhenAny(stream.CopyToAsync(target.GetStream()), target.GetStream().CopyToAsync(stream));
        }
    }
}
