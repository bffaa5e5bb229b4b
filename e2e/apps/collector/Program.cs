using Microsoft.AspNetCore.Server.Kestrel.Core;
using OsmExt.Demo;
using OsmExt.Demo.Collector;

// Takes spans as Zipkin's JSON, and spans and logs as OTLP over gRPC, and tells what it was sent: GET /received.
var settings = new Settings(args);
var builder = WebApplication.CreateEmptyBuilder(new());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.ListenHere(settings.Port("zipkin", 9411), listen => listen.Protocols = HttpProtocols.Http1);
    kestrel.ListenHere(settings.Port("otlp", 4317), listen => listen.Protocols = HttpProtocols.Http2);
});
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();
app.Run(new Inbox().AnswerAsync);
await app.RunAsync();
