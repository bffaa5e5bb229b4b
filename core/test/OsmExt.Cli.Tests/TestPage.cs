using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OsmExt.Cli.Tests;

/// <summary>A control plane's debug page, as a test has it.</summary>
internal static class TestPage
{
    /// <summary>Where it listens.</summary>
    public static string Listen(HttpListener server)
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var endpoint = (IPEndPoint)free.LocalEndpoint;
        free.Stop();
        // By whatever name it is asked: those who come through a cluster have another one.
        server.Prefixes.Add($"http://*:{endpoint.Port}/");
        server.Start();
        return endpoint.ToString();
    }

    public static async Task AnswerAsync(HttpListener server, string path, string answer, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var context = await server.GetContextAsync();
            Assert.Equal(path, context.Request.Url!.AbsolutePath);
            context.Response.Close(Encoding.UTF8.GetBytes(answer), willBlock: true);
        }
    }
}
