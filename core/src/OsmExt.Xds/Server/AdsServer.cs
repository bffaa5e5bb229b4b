using Envoy.Config.Core.V3;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OsmExt.Xds.Observability;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Server.Connections;
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
    Pressure pressure,
    TimeProvider clock,
    ILogger<AdsServer> logger) : IDisposable
{
    private const int LongestVersion = 100;
    private readonly XdsServerOptions _options = options.Value;
    private readonly FairGate<string> _admission = new(options.Value.AdmissionSlots, options.Value.StreamsPerSecond, clock);
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

    public void Dispose()
    {
        _services.Gate.Dispose();
        _admission.Dispose();
    }

    // What introduced the client is not kept here: a stream lasts for days, and a node can be larger than all else about it.
    private async Task RunAsync(
        DiscoveryService service,
        XdsVariant variant,
        IRequestReader requests,
        IServerStreamWriter<XdsResponse> responses,
        ServerCallContext context,
        CancellationToken ending)
    {
        if (await IntroduceAsync(variant, requests, context, ending).ConfigureAwait(false) is not { } introduction)
        {
            return;
        }

        try
        {
            using var session = new AdsSession(introduction.Client, ProtocolFor(service, introduction, variant), introduction.NodeId, introduction.Version, requests, responses, context, _services);
            await RunAsync(session, introduction, ending).ConfigureAwait(false);
        }
        finally
        {
            rejections.Close(introduction.Client.ProxyId);
        }
    }

    private async Task<Introduction?> IntroduceAsync(XdsVariant variant, IRequestReader requests, ServerCallContext context, CancellationToken ending)
    {
        if (pressure.Reason is { } reason)
        {
            throw Refusal(StatusCode.Unavailable, $"too much {reason} here at the moment; connect to another control plane, or later");
        }

        if (await ReadFirstAsync(requests, ending).ConfigureAwait(false) is not { } first)
        {
            return null;
        }

        var node = first.Node ?? throw Refusal(StatusCode.InvalidArgument, "the first request of a stream has to carry the node");
        if (node.CalculateSize() > _options.MaxNodeBytes)
        {
            throw Refusal(StatusCode.ResourceExhausted, $"a node of more than {_options.MaxNodeBytes} bytes");
        }

        var connection = context.GetHttpContext();
        await _admission.EnterAsync(connection.Connection.ClientCertificate?.Thumbprint ?? context.Peer, ending).ConfigureAwait(false);
        try
        {
            var decision = await authorizer.AuthorizeAsync(connection, node, variant, ending).ConfigureAwait(false);
            return new(decision.Client ?? throw new RpcException(decision.Refusal), node.Id, ClientText.Clean(VersionOf(node), LongestVersion), first.Request);
        }
        finally
        {
            _admission.Leave();
        }
    }

    private StreamContext ProtocolFor(DiscoveryService service, Introduction introduction, XdsVariant variant) => new(variant, new NonceSequence(nonceTags.Draw()), rejections.Open(introduction.Client.ProxyId), clock)
    {
        HoldTimeout = _options.HoldTimeout,
        MaxResponseBytes = _options.MaxResponseBytes,
        MaxTypes = _options.MaxTypesPerStream,
        MaxResourceNames = _options.MaxResourceNames,
        MaxNameCharacters = _options.MaxNameCharactersOf(service.TypeUrl),
        OnlyType = service.TypeUrl,
        NodeId = introduction.NodeId,
    };

    private async Task RunAsync(AdsSession session, Introduction introduction, CancellationToken ending)
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
            session.Handle(introduction.TakeFirst());
            await session.RunAsync(ending).ConfigureAwait(false);
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

    // What is left of a first request.
    private sealed class Introduction(ConnectedClient client, string nodeId, string version, TypeRequest first)
    {
        private TypeRequest? _first = first;

        public ConnectedClient Client => client;

        public string NodeId => nodeId;

        public string Version => version;

        public TypeRequest TakeFirst() => Interlocked.Exchange(ref _first, null)!;
    }

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
