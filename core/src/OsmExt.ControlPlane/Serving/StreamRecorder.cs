using System.Text.Json;
using System.Threading.Channels;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OsmExt.ControlPlane.Options;
using OsmExt.Envoy;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Server;

namespace OsmExt.ControlPlane.Serving;

/// <summary>
/// Writes what every proxy is sent into files of JSON lines, one for each proxy, keys redacted. It never holds up a stream: what it
/// cannot write in time it leaves out and says so, and then the file is of no use any longer.
/// </summary>
internal sealed partial class StreamRecorder(Microsoft.Extensions.Options.IOptions<ControlPlaneOptions> options, ILogger<StreamRecorder> logger)
    : BackgroundService, IResponseObserver
{
    private const int MostWaiting = 10_000;
    private readonly Channel<(string Proxy, XdsResponse Response)> _waiting = Channel.CreateBounded<(string, XdsResponse)>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    public void Written(ConnectedClient client, XdsResponse response)
    {
        if (!_waiting.Writer.TryWrite((client.ProxyId, response)))
        {
            Log.LeftOut(logger, client.ProxyId);
        }
    }

    /// <summary>A response as one line: a DiscoveryResponse or DeltaDiscoveryResponse in JSON.</summary>
    public static string Line(XdsResponse response) => JsonSerializer.Serialize(EnvoyJson.ToNode(Message(response)));

    /// <exception cref="IOException">The directory cannot be made: better to say so than to run without a record.</exception>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(options.Value.RecordDirectory!);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"what proxies are sent cannot be recorded: {failure.Message} Give another directory with --record", failure);
        }

        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var (proxy, response) in _waiting.Reader.ReadAllAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                var file = Path.Join(options.Value.RecordDirectory, $"{proxy.Replace('/', '.')}.jsonl");
                await File.AppendAllTextAsync(file, Line(response) + "\n", stoppingToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                Log.NotWritten(logger, proxy, failure);
            }
        }
    }

    private static IMessage Message(XdsResponse response)
    {
        if (response.Variant == XdsVariant.StateOfTheWorld)
        {
            var full = new DiscoveryResponse { TypeUrl = response.TypeUrl, Nonce = response.Nonce, VersionInfo = response.Version };
            full.Resources.AddRange(response.Resources.Select(Pack));
            return full;
        }

        var delta = new DeltaDiscoveryResponse { TypeUrl = response.TypeUrl, Nonce = response.Nonce, SystemVersionInfo = response.Version };
        delta.Resources.AddRange(response.Resources.Select(resource => new Resource { Name = resource.Name, Version = resource.Version, Resource_ = Pack(resource) }));
        delta.RemovedResources.AddRange(response.Removed);
        return delta;
    }

    private static Any Pack(XdsResource resource) => Any.Pack(Redaction.Of(resource.Message));

    private static partial class Log
    {
        [LoggerMessage(5130, LogLevel.Warning, "A response to {Proxy} could not be recorded in time; its record is incomplete from here on")]
        public static partial void LeftOut(ILogger logger, string proxy);

        [LoggerMessage(5131, LogLevel.Error, "What {Proxy} was sent could not be recorded; its record is incomplete from here on")]
        public static partial void NotWritten(ILogger logger, string proxy, Exception failure);
    }
}
