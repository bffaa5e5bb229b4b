using System.Collections.Concurrent;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using OsmExt.DataPlane.Bootstraps;
using OsmExt.DataPlane.Discovery;
using OsmExt.DataPlane.Streams;

namespace OsmExt.Testing.Hosting.Sidecars.Envoys;

/// <summary>
/// Between the Envoys of a mesh and its control plane: each of their streams is one to the control plane, with the pod's credentials, and what comes is changed as that
/// Envoy needs it. What it asks, acknowledges and refuses is passed on as it is.
/// </summary>
internal sealed class DiscoveryRelay : AggregatedDiscoveryService.AggregatedDiscoveryServiceBase, IAsyncDisposable
{
    private const string Header = "x-osm-sidecar";
    private readonly ConcurrentDictionary<string, (ControlPlaneAddress Server, Action<DeltaDiscoveryResponse> Change)> _sidecars = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _time;
    private readonly WebApplication _server;

    private DiscoveryRelay(string socket, TimeProvider time)
    {
        (Socket, _time) = (socket, time);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRouting().AddSingleton(this).AddGrpc(grpc => grpc.MaxReceiveMessageSize = null);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http2));
        _server = builder.Build();
        _server.MapGrpcService<DiscoveryRelay>();
    }

    /// <summary>Where Envoys find it.</summary>
    public string Socket { get; }

    public static async Task<DiscoveryRelay> StartAsync(string socket, TimeProvider time)
    {
        var relay = new DiscoveryRelay(socket, time);
        await relay._server.StartAsync().ConfigureAwait(false);
        return relay;
    }

    /// <summary>Takes streams of a sidecar.</summary>
    /// <param name="name">Unlike any other's.</param>
    /// <param name="server">The control plane, and how to prove oneself to it.</param>
    /// <param name="change">Changes what comes from it.</param>
    /// <returns>What the sidecar has to say on each stream.</returns>
    public HeaderValue Expect(string name, ControlPlaneAddress server, Action<DeltaDiscoveryResponse> change)
    {
        _sidecars[name] = (server, change);
        return new() { Key = Header, Value = name };
    }

    public void Forget(string name) => _sidecars.TryRemove(name, out _);

    public override async Task DeltaAggregatedResources(
        IAsyncStreamReader<DeltaDiscoveryRequest> requestStream, IServerStreamWriter<DeltaDiscoveryResponse> responseStream, ServerCallContext context)
    {
        if (!_sidecars.TryGetValue(context.RequestHeaders.GetValue(Header) ?? "", out var sidecar))
        {
            throw new RpcException(new(StatusCode.PermissionDenied, "Only sidecars of this mesh are served."));
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, _stopping.Token);
        using var connection = ControlPlaneConnection.Open(sidecar.Server, _time);
        using var call = connection.Stream(stop.Token);
        var asking = AskAsync(requestStream, call.RequestStream, stop);
        try
        {
            await foreach (var response in call.ResponseStream.ReadAllAsync(stop.Token).ConfigureAwait(false))
            {
                sidecar.Change(response);
                await responseStream.WriteAsync(response, stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (Ends.IsEnd(failure) && stop.IsCancellationRequested)
        {
            // Either side has ended it; the Envoy comes again if it is still there.
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await asking.ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        using (var atOnce = new CancellationTokenSource())
        {
            await atOnce.CancelAsync().ConfigureAwait(false);
            await _server.StopAsync(atOnce.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _server.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private static async Task AskAsync(IAsyncStreamReader<DeltaDiscoveryRequest> from, IClientStreamWriter<DeltaDiscoveryRequest> to, CancellationTokenSource stop)
    {
        try
        {
            await foreach (var request in from.ReadAllAsync(stop.Token).ConfigureAwait(false))
            {
                await to.WriteAsync(request, stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is RpcException or InvalidOperationException || Ends.IsEnd(failure))
        {
            // Whoever reads the answers is told.
        }

        await stop.CancelAsync().ConfigureAwait(false);
    }
}
