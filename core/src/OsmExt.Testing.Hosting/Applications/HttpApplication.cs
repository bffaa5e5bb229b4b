using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OsmExt.DataPlane.Http;
using OsmExt.DataPlane.Listeners;
using OsmExt.DataPlane.Streams;
using OsmExt.Simulation.Listeners;

namespace OsmExt.Testing.Hosting.Applications;

/// <summary>An ASP.NET Core pipeline. Its server has no port: connections are handed to it, and their first bytes tell whether they are HTTP/2.</summary>
internal sealed class HttpApplication : IPodApplication
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly HandOver _handOver = new();
    private readonly WebApplication _application;
    private readonly Lazy<Task> _started;

    public HttpApplication(Action<WebApplication> map, Action<IServiceCollection>? services = null)
    {
        // Empty: neither files nor the environment of the process it runs in change anything here.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRouting();
        services?.Invoke(builder.Services);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(HandOver.Http1, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(HandOver.Http2, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.RemoveAll<IConnectionListenerFactory>();
        builder.Services.AddSingleton<IConnectionListenerFactory>(_handOver);
        _application = builder.Build();
        map(_application);
        _started = new(() => _application.StartAsync(_stopping.Token));
    }

    public async ValueTask<Stream> OpenAsync(IPEndPoint source, IPEndPoint local, CancellationToken stop)
    {
        await _started.Value.WaitAsync(stop).ConfigureAwait(false);
        var (client, server) = StreamPair.Create();
        _ = Task.Run(() => AcceptAsync(server, source, local), CancellationToken.None);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_started.IsValueCreated)
        {
            using var atOnce = new CancellationTokenSource();
            await atOnce.CancelAsync().ConfigureAwait(false);
            await _application.StopAsync(atOnce.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _application.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Stream stream, IPEndPoint source, IPEndPoint local)
    {
        FirstBytes first;
        try
        {
            first = await FirstBytes.ReadPrefaceAsync(stream, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            return;
        }

        await _handOver.ServeAsync(first.Stream, local, source, first.Payload == Payload.Http2, session: null, _stopping.Token).ConfigureAwait(false);
    }
}
