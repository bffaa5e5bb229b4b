using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OsmExt.Demo;
using OsmExt.Demo.Echo;

// Tells callers what arrived, and at which pod: HTTP/1.1, HTTP/2, lines where the client speaks first, and lines where the server does.
var settings = new Settings(args);
var builder = WebApplication.CreateEmptyBuilder(new());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    // Streams may be quiet for as long as they like.
    kestrel.Limits.MinRequestBodyDataRate = null;
    kestrel.ListenHere(settings.Port("http", 8080), listen => listen.Protocols = HttpProtocols.Http1);
    kestrel.ListenHere(settings.Port("http2", 8081), listen => listen.Protocols = HttpProtocols.Http2);
    kestrel.ListenHere(settings.Port("line", 9000), listen => listen.UseConnectionHandler<LineEcho>());
    kestrel.ListenHere(settings.Port("greeting", 9001), listen => listen.UseConnectionHandler<GreetingEcho>());
});
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();
app.Run(HttpEcho.AnswerAsync);
await app.RunAsync();
