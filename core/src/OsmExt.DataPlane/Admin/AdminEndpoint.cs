using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OsmExt.DataPlane.Admin;

/// <summary>The admin endpoint: a port of its own. Whoever reaches it may do everything on it, so it belongs on a loopback address.</summary>
internal sealed class AdminEndpoint : IAsyncDisposable
{
    private readonly WebApplication _host;

    private AdminEndpoint(WebApplication host, Uri address) => (_host, Address) = (host, address);

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <exception cref="IOException">The address cannot be bound.</exception>
    public static async Task<AdminEndpoint> StartAsync(IPEndPoint address, AdminPages pages, CancellationToken stop)
    {
        // Empty: neither files nor the environment of the process it runs in change anything here.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(address);
        });
        var host = builder.Build();
        host.Run(async context =>
        {
            var query = context.Request.Query.ToDictionary(entry => entry.Key, entry => entry.Value.ToString(), StringComparer.Ordinal);
            var answer = await pages.AnswerAsync(context.Request.Method, context.Request.Path, query, context.RequestAborted).ConfigureAwait(false);
            context.Response.StatusCode = answer.Status;
            context.Response.ContentType = answer.ContentType;
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.Headers.CacheControl = "no-cache, max-age=0";
            await context.Response.WriteAsync(answer.Body, context.RequestAborted).ConfigureAwait(false);
        });
        try
        {
            await host.StartAsync(stop).ConfigureAwait(false);
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return new(host, new(host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()));
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
