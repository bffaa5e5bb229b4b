using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace OsmExt.Xds.Tests.GrpcJs;

/// <summary>A gRPC server with one method that answers with the server's name.</summary>
internal sealed class Greeter : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Greeter(WebApplication app) => _app = app;

    public uint Port => (uint)new Uri(_app.Urls.Single()).Port;

    public static async Task<Greeter> StartAsync(string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(
            static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.MapPost("/test.Greeter/Who", context => AnswerAsync(context, name));
        await app.StartAsync();
        return new(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task AnswerAsync(HttpContext context, string name)
    {
        // A gRPC message: not compressed, its length in four bytes, its bytes.
        byte[] message = [0, 0, 0, 0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name)];
        context.Response.ContentType = "application/grpc";
        context.Response.DeclareTrailer("grpc-status");
        await context.Response.Body.WriteAsync(message, context.RequestAborted);
        context.Response.AppendTrailer("grpc-status", "0");
    }
}
