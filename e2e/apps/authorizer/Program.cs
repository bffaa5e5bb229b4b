using Microsoft.AspNetCore.Server.Kestrel.Core;
using OsmExt.Demo;
using OsmExt.Demo.Authorizer;

// Judges requests for proxies that ask (Envoy's ext_authz over gRPC): as the request itself says, in its header x-judge.
var settings = new Settings(args);
var builder = WebApplication.CreateEmptyBuilder(new());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenHere(settings.Port(9191), listen => listen.Protocols = HttpProtocols.Http2));
builder.Services.AddRoutingCore();
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();
app.MapPost("/envoy.service.auth.v3.Authorization/Check", Checks.AnswerAsync);
await app.RunAsync();
