using Envoy.Config.Core.V3;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OsmExt.Xds.Observability;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Snapshots;
using Prometheus;

namespace OsmExt.Xds.Server;

/// <summary>
/// Lets streams in and sees them out: first request, authorization, limits, attachment, and the end. What happens in between
/// is <see cref="AdsSession"/>'s.
/// </summary>
internal sealed partial class AdsServer(
    SnapshotCache cache,
    StreamRegistry registry,
    RejectionLog rejections,
    IXdsClientAuthorizer authorizer,
    IOptions<XdsServerOptions> options,
    IHostApplicationLifetime lifetime,
    NonceTags nonceTags,
    XdsMetrics metrics,
    IEnumerable<IResponseObserver> observers,
    TimeProvider clock,
    ILogger<AdsServer> logger) : IDisposable
{
    private const int LongestVersion = 100;
    private readonly XdsServerOptions _options = options.Value;
    private readonly SessionServices _services = new(
        options.Value,
        new PushGate(options.Value.PushSlots, options.Value.SlowSlots, options.Value.SlowWrite, clock),
        rejections,
        metrics,
        observers.FirstOrDefault(),
        logger);

    public async Task RunAsync(
        DiscoveryService service, XdsVariant variant, IRequestReader requests, IServerStreamWriter<XdsResponse> responses, ServerCallContext context)
    {
        try
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
            try
            {
                await RunAsync(service, variant, requests, responses, context, ending.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (context.CancellationToken.IsCancellationRequested && e is OperationCanceledException or IOException or InvalidOperationException)
            {
                // The client went away; nobody is left to tell.
            }
            catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "the control plane is shutting down; connect to another"));
            }
        }
        catch (RpcException refused)
        {
            metrics.Refused.WithLabels(refused.StatusCode.ToString()).Inc();
            Log.StreamRefused(logger, context.Peer, refused.StatusCode, refused.Status.Detail);
            throw;
        }
    }

    public void Dispose() => _services.Gate.Dispose();

    private async Task RunAsync(
        DiscoveryService service,
        XdsVariant variant,
        IRequestReader requests,
        IServerStreamWriter<XdsResponse> responses,
        ServerCallContext context,
        CancellationToken ending)
    {
        if (await ReadFirstAsync(requests, ending).ConfigureAwait(false) is not { } first)
        {
            return;
        }

        var node = first.Node ?? throw Refusal(StatusCode.InvalidArgument, "the first request of a stream has to carry the node");
        var decision = await authorizer.AuthorizeAsync(context.GetHttpContext(), node, variant, ending).ConfigureAwait(false);
        var client = decision.Client ?? throw new RpcException(decision.Refusal);
        var protocol = new StreamContext(variant, new NonceSequence(nonceTags.Draw()), rejections.Open(client.ProxyId), clock)
        {
            HoldTimeout = _options.HoldTimeout,
            MaxResponseBytes = _options.MaxResponseBytes,
            MaxTypes = _options.MaxTypesPerStream,
            MaxResourceNames = _options.MaxResourceNames,
            MaxNameCharacters = _options.MaxNameCharactersOf(service.TypeUrl),
            OnlyType = service.TypeUrl,
        };

        try
        {
            using var session = new AdsSession(client, protocol, node.Id, ClientText.Clean(VersionOf(node), LongestVersion), requests, responses, context, _services);
            await RunAsync(session, first.Request, ending).ConfigureAwait(false);
        }
        finally
        {
            rejections.Close(client.ProxyId);
        }
    }

    private async Task RunAsync(AdsSession session, TypeRequest first, CancellationToken ending)
    {
        var stream = session.Stream;
        var most = _options.MaxStreamsOf(stream.OnlyType);
        if (!registry.TryAdd(stream, most))
        {
            throw Refusal(StatusCode.ResourceExhausted, $"{stream.Client.ProxyId} has {most} streams {(stream.OnlyType is null ? "" : "of single types ")}already");
        }

        using var open = metrics.Streams.WithLabels(XdsMetrics.VariantLabel(stream.Variant)).TrackInProgress();
        try
        {
            stream.Attach(cache);
            authorizer.Connected(stream.Client);
            Log.StreamOpened(logger, stream.Client.ProxyId, stream.Variant);
            await session.RunAsync(first, ending).ConfigureAwait(false);
        }
        finally
        {
            stream.Close();
            registry.Remove(stream);
            authorizer.Disconnected(stream.Client);
            Log.StreamClosed(logger, stream.Client.ProxyId);
        }
    }

    private async Task<ReadRequest?> ReadFirstAsync(IRequestReader requests, CancellationToken ending)
    {
        using var patience = new CancellationTokenSource(_options.FirstRequestTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ending, patience.Token);
        try
        {
            return await requests.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !ending.IsCancellationRequested)
        {
            throw Refusal(StatusCode.DeadlineExceeded, "the stream was opened but nothing was asked");
        }
    }

    private static RpcException Refusal(StatusCode code, string text) => new(new Status(code, text));

    private static string VersionOf(Node node) => node.UserAgentVersionTypeCase switch
    {
        Node.UserAgentVersionTypeOneofCase.UserAgentVersion => $"{node.UserAgentName} {node.UserAgentVersion}",
        Node.UserAgentVersionTypeOneofCase.UserAgentBuildVersion when node.UserAgentBuildVersion.Version is { } v
            => $"{node.UserAgentName} {v.MajorNumber}.{v.MinorNumber}.{v.Patch}",
        _ => node.UserAgentName,
    };

    private static partial class Log
    {
        [LoggerMessage(3000, LogLevel.Information, "{Proxy} opened a {Variant} stream")]
        public static partial void StreamOpened(ILogger logger, string proxy, XdsVariant variant);

        [LoggerMessage(3001, LogLevel.Information, "A stream of {Proxy} ended")]
        public static partial void StreamClosed(ILogger logger, string proxy);

        [LoggerMessage(3002, LogLevel.Warning, "A stream of {Peer} was ended with {Status}: {Reason}")]
        public static partial void StreamRefused(ILogger logger, string peer, StatusCode status, string reason);
    }
}
