using Microsoft.AspNetCore.Server.Kestrel.Core;
using OsmExt.Demo;
using OsmExt.Demo.RateLimits;

// A rate limit service: counts what proxies describe to it and refuses what is too much. Its counters last as long as it runs.
var settings = new Settings(args);
var builder = WebApplication.CreateEmptyBuilder(new());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
    kestrel.ListenHere(settings.Port(8081), listen => listen.Protocols = HttpProtocols.Http2));
builder.Services.AddRoutingCore().AddGrpc();
builder.Services.AddSingleton(Limits.Parse(settings.Flag("limits", ""))).AddSingleton<Counting>();
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();
app.MapGrpcService<Counting>();
await app.RunAsync();
