using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OsmExt.Fleet.Plane;
using OsmExt.Fleet.Running;
using OsmExt.Identity;

namespace OsmExt.Fleet.Floor;

/// <summary>
/// A server that does nothing but send the same encoded message on every stream and count the answers, with the transport, the certificates and the number of writes at once
/// of the control plane: what no control plane in .NET can be cheaper than.
/// </summary>
internal sealed class FloorProcess(string state) : IAsyncDisposable
{
    // As many as the control plane writes at once.
    private const int Writers = 32;
    private readonly ConcurrentDictionary<IServerStreamWriter<byte[]>, bool> _streams = new();
    private WebApplication? _host;
    private byte[] _payload = [];
    private int _answers;
    private int _awaited = int.MaxValue;
    private TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task<object> ObeyAsync(Order order)
    {
        switch (order.Do)
        {
            case "start":
                _payload = FloorPayload.Of(order.Count);
                return new Started(await StartAsync().ConfigureAwait(false));
            case "streams":
                return _streams.Count;
            case "push":
                return await PushAsync().ConfigureAwait(false);
            case "cost":
                return Environment.CpuUsage.TotalTime.TotalSeconds;
            default:
                throw new ArgumentException(order.Do);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
            await _host.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<int> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddIdentity(identity => identity.StateDirectory = state);
        builder.Services.AddGrpc();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<XdsServerTls>((kestrel, tls) => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(tls.NewKestrelOptions());
        }));
        _host = builder.Build();
        _host.MapGrpcService(_ => Define());
        await _host.StartAsync().ConfigureAwait(false);
        return new Uri(_host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    private ServerServiceDefinition Define()
    {
        var bytes = Marshallers.Create(static (byte[] message, SerializationContext context) =>
        {
            context.SetPayloadLength(message.Length);
            context.GetBufferWriter().Write(message);
            context.Complete();
        }, static context => context.PayloadAsNewBuffer());
        return ServerServiceDefinition.CreateBuilder()
            .AddMethod(new Method<byte[], byte[]>(MethodType.DuplexStreaming, "envoy.service.discovery.v3.AggregatedDiscoveryService", "DeltaAggregatedResources", bytes, bytes), ServeAsync)
            .Build();
    }

    private async Task ServeAsync(IAsyncStreamReader<byte[]> requests, IServerStreamWriter<byte[]> responses, ServerCallContext context)
    {
        // The first is the subscription.
        await requests.MoveNext(context.CancellationToken).ConfigureAwait(false);
        _streams[responses] = true;
        try
        {
            while (await requests.MoveNext(context.CancellationToken).ConfigureAwait(false))
            {
                if (Interlocked.Increment(ref _answers) == Volatile.Read(ref _awaited))
                {
                    _answered.TrySetResult();
                }
            }
        }
        catch (IOException)
        {
            // The proxy has left.
        }
        finally
        {
            _streams.TryRemove(responses, out _);
        }
    }

    private async Task<Moment> PushAsync()
    {
        _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _answers, 0);
        Volatile.Write(ref _awaited, _streams.Count);
        var start = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(_streams.Keys, new ParallelOptions { MaxDegreeOfParallelism = Writers }, async (stream, over) => await stream.WriteAsync(_payload, over).ConfigureAwait(false)).ConfigureAwait(false);
        await _answered.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System).ConfigureAwait(false);
        return new(start);
    }
}
