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
        var address = free.LocalEndpoint.ToString()!;
        free.Stop();
        server.Prefixes.Add($"http://{address}/");
        server.Start();
        return address;
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
