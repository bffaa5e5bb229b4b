using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OsmExt.Demo;

/// <summary>What the demo's programs have in common as servers.</summary>
internal static class DemoServer
{
    public const string IdentityHeader = "Identity";

    /// <summary>Headers that tie a request to a trace; answered, and passed on to the next service.</summary>
    public static readonly string[] TraceHeaders =
        ["X-Ot-Span-Context", "X-Request-Id", "uber-trace-id", "x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid"];

    /// <summary>An HTTP server that reports every request and says who it is.</summary>
    /// <param name="app">The program.</param>
    /// <param name="port">Where it listens.</param>
    /// <param name="identity">What it calls itself.</param>
    /// <param name="work">What it does besides serving.</param>
    public static WebApplication Http(string app, int port, string identity, IHostedService? work = null)
    {
        var server = Create(kestrel => kestrel.ListenHere(port), work);
        server.Use(async (context, next) =>
        {
            var start = TimeProvider.System.GetTimestamp();
            var caller = ForwardedIdentity.Parse(context.Request.Headers[ForwardedIdentity.RequestHeader]);
            context.Response.Headers[IdentityHeader] = identity;
            Answer(context.Response, ForwardedIdentity.ClientHeader, caller.Client);
            Answer(context.Response, ForwardedIdentity.ServerHeader, caller.Server);
            foreach (var name in TraceHeaders)
            {
                Answer(context.Response, name, context.Request.Headers[name]);
            }

            await next(context);
            new RequestLine(app, "server", context.Request.Method, $"{context.Request.Path}{context.Request.QueryString}", context.Response.StatusCode)
            {
                Identity = identity,
                Peer = caller.Client,
                Self = caller.Server,
                Ms = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds,
            }.Print();
        });
        return server;
    }

    /// <summary>A server of a protocol of its own.</summary>
    public static WebApplication Tcp<THandler>(int port)
        where THandler : ConnectionHandler
        => Create(kestrel => kestrel.ListenHere(port, listen => listen.UseConnectionHandler<THandler>()));

    /// <summary>A page that shows counters and follows them.</summary>
    public static IResult Page(string identity, params (string Name, long Value)[] counters) => Results.Content(
        $"<!doctype html><html><head><meta http-equiv=\"refresh\" content=\"2\"><title>{identity}</title></head><body><h1>{identity}</h1><dl>"
        + string.Concat(counters.Select(counter => string.Create(CultureInfo.InvariantCulture, $"<dt>{counter.Name}</dt><dd>{counter.Value}</dd>")))
        + "</dl></body></html>",
        "text/html");

    private static WebApplication Create(Action<KestrelServerOptions> listen, IHostedService? work = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            listen(kestrel);
        });
        builder.Services.AddRoutingCore();
        if (work is not null)
        {
            builder.Services.AddSingleton(work);
        }

        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        // Standard output belongs to the request lines.
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        return builder.Build();
    }

    private static void Answer(HttpResponse response, string header, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            response.Headers[header] = value;
        }
    }
}
