using Envoy.Config.Core.V3;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler.Contributions;
using OsmExt.Compiler;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Identity;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Server;

namespace OsmExt.ControlPlane.Serving;

/// <summary>
/// Decides who a proxy is and what it may see. Only its certificate counts; its node id must repeat what the certificate says,
/// and there must be a pod that it belongs to.
/// </summary>
internal sealed partial class ProxyAuthorizer(
    MeshPipeline pipeline,
    ScopePublisher scopes,
    ConnectedProxies proxies,
    ProxyCertificateVerifier verifier,
    MeshRoots roots,
    NodeCapabilities capabilities,
    BuildLimits builds,
    CompilerOptions compiler,
    ILogger<ProxyAuthorizer> logger) : IXdsClientAuthorizer
{
    private const int LongestNodeId = 200;

    public async ValueTask<ClientDecision> AuthorizeAsync(HttpContext connection, Node node, XdsVariant variant, CancellationToken cancellationToken)
    {
        var certificate = connection.Connection.ClientCertificate;
        if (verifier.Verify(certificate) is not { Identity: { } identity } || roots.IssuerOf(certificate!) is not { } issuer)
        {
            return ClientDecision.Refuse(StatusCode.Unauthenticated, "a proxy certificate of this mesh is required");
        }

        if (!IsNodeOf(identity, node.Id))
        {
            Log.OtherNode(logger, identity.SpiffeId, ClientText.Clean(node.Id, LongestNodeId));
            return ClientDecision.Refuse(StatusCode.PermissionDenied, "node.id is not the one of this proxy's certificate");
        }

        var validity = new ValidityWindow(certificate!.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        var credential = new ProxyCredential(issuer, identity.Workload.TrustDomain, validity);
        var offered = capabilities.Of(node, variant);
        try
        {
            return await pipeline.AskInTurnAsync(identity.Workload.Namespace, state => Place(identity, credential, offered, state), cancellationToken).ConfigureAwait(false);
        }
        catch (CertificateAuthorityException failure)
        {
            Log.NoCertificate(logger, identity.SpiffeId, failure);
            return ClientDecision.Refuse(StatusCode.Unavailable, "no certificate can be issued at the moment");
        }
    }

    public void Connected(ConnectedClient client) => pipeline.Post(state => proxies.Connected((ConnectedProxy)client, state));

    public void Disconnected(ConnectedClient client) => pipeline.Post(_ => proxies.Disconnected((ConnectedProxy)client));

    // The trust domain in it is that of the time the bootstrap was written; a proxy that has been running for long may have had
    // credentials of another since.
    private static bool IsNodeOf(ProxyIdentity identity, string nodeId)
    {
        var named = identity.NodeId[..^identity.Workload.TrustDomain.Length];
        return nodeId.StartsWith(named, StringComparison.Ordinal) && DnsNames.IsName(nodeId[named.Length..]);
    }

    // Several pods may carry one id when somebody copied a label. They run as the same identity or are not considered, and the
    // first by name is taken, so that a copied label neither reveals nor stops anything.
    private ClientDecision Place(ProxyIdentity identity, ProxyCredential credential, ProxyCapabilities offered, MeshState state)
    {
        var known = identity.In(compiler.TrustDomain);
        var candidates = state.Proxies.WithUuid(identity.Uuid).Where(proxy => proxy.Identity == known).ToArray();
        if (candidates.Length == 0)
        {
            Log.NoPod(logger, identity.SpiffeId);
            return ClientDecision.Refuse(StatusCode.PermissionDenied, "no pod of the mesh belongs to this proxy's certificate");
        }

        if (candidates.Length > 1)
        {
            Log.SeveralPods(logger, identity.SpiffeId, candidates.Length, candidates[0].Pod.Namespace, candidates[0].Pod.Name);
        }

        var proxy = candidates[0];
        var id = $"{proxy.Pod.Namespace}/{proxy.Pod.Name}";
        if (!proxies.HasRoomFor(id, state))
        {
            Log.Full(logger, id, state.Index.Mesh.Settings.MaxProxies);
            return ClientDecision.Refuse(StatusCode.ResourceExhausted, "as many proxies are served as the MeshConfig allows");
        }

        if (!builds.TryTake(id, known.Workload, offered))
        {
            Log.ManyBuilds(logger, id, offered);
            return ClientDecision.Refuse(StatusCode.ResourceExhausted, "this proxy, or its service account, says it is too many different builds of Envoy");
        }

        var scope = scopes.Ensure(state.Contributions.ScopeOf(proxy, offered), state).Scope;
        return ClientDecision.Accept(new ConnectedProxy(id, scope, proxy.Pod, offered) { Credential = credential });
    }

    private static partial class Log
    {
        [LoggerMessage(5101, LogLevel.Warning, "The holder of {Identity} claims to be node \"{Node}\" and is refused")]
        public static partial void OtherNode(ILogger logger, string identity, string node);

        [LoggerMessage(5102, LogLevel.Warning, "No pod of the mesh belongs to {Identity}; its proxy is refused")]
        public static partial void NoPod(ILogger logger, string identity);

        [LoggerMessage(5103, LogLevel.Warning, "{Count} pods belong to {Identity}; its proxy is taken for {Namespace}/{Pod}'s")]
        public static partial void SeveralPods(ILogger logger, string identity, int count, string @namespace, string pod);

        [LoggerMessage(5105, LogLevel.Warning, "{Proxy} is refused: {Most} proxies are served already (spec.sidecar.maxDataPlaneConnections)")]
        public static partial void Full(ILogger logger, string proxy, int most);

        [LoggerMessage(5106, LogLevel.Warning, "{Proxy} is refused as {Build}: it, or its service account, says it is too many different builds of Envoy")]
        public static partial void ManyBuilds(ILogger logger, string proxy, ProxyCapabilities build);

        [LoggerMessage(5104, LogLevel.Error, "The proxy of {Identity} cannot be served")]
        public static partial void NoCertificate(ILogger logger, string identity, Exception failure);
    }
}
