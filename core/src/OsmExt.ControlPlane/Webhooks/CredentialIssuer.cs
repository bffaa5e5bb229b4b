using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler.Contributions;
using OsmExt.Compiler.Translation;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Identity;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Kubernetes.Injection;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Webhooks;

/// <summary>
/// Gives a pod's sidecar its credential towards the control plane. Who asks is what the API server says of the token; which identity that is, is what
/// the pod says that the token is bound to. Nothing that is sent besides, names in the request included, has a say in it.
/// </summary>
internal sealed partial class CredentialIssuer(
    ITokenReviews tokens, MeshPipeline pipeline, ResourceStore store, CertificateAuthority authority, WebhookOptions options, TimeProvider time,
    ILogger<CredentialIssuer> logger)
{
    /// <param name="token">What the agent has from its node.</param>
    /// <param name="request">A PKCS #10 request.</param>
    /// <param name="from">Where the question came from.</param>
    /// <param name="cancellation">Whoever asked is gone.</param>
    public async Task<CredentialAnswer> IssueAsync(string token, byte[] request, IPAddress? from, CancellationToken cancellation)
    {
        if (!TokenClaims.MayBe(token, WellKnown.TokenAudience, time.GetUtcNow()))
        {
            return CredentialAnswer.Refuse(HttpStatusCode.Unauthorized, "a token of a pod's is required");
        }

        if (!SigningRequest.TryRead(request, out var key))
        {
            return CredentialAnswer.Refuse(HttpStatusCode.BadRequest, "the request is no PKCS #10 request, signed, for an ECDSA key on P-256");
        }

        using (key)
        {
            try
            {
                return await tokens.WhoseAsync(token, cancellation).ConfigureAwait(false) is { } holder
                    ? await IssueAsync(holder, key, from, cancellation).ConfigureAwait(false)
                    : CredentialAnswer.Refuse(HttpStatusCode.Unauthorized, "a token of a pod's is required");
            }
            catch (Exception failure) when (failure is HttpRequestException or ClusterCallException)
            {
                Log.NotAsked(logger, failure);
                return CredentialAnswer.Later("the API server cannot be asked about the token at the moment");
            }
        }
    }

    private async Task<CredentialAnswer> IssueAsync(TokenHolder holder, ECDsa key, IPAddress? from, CancellationToken cancellation)
    {
        // Objects come a moment after the pod does.
        var pod = new ResourceKey(nameof(Pod), holder.Namespace, holder.Pod);
        if (store.Snapshot.Find<Pod>(pod) is not { } known || known.Metadata.Uid != holder.PodUid)
        {
            return CredentialAnswer.Later("the pod is not known to the mesh yet");
        }

        if (known.ServiceAccount != holder.ServiceAccount)
        {
            Log.OtherAccount(logger, pod, holder.ServiceAccount);
            return CredentialAnswer.Refuse(HttpStatusCode.Forbidden, "the pod runs as another service account");
        }

        if (options.BindTokensToAddress)
        {
            if (known.Addresses.IsEmpty)
            {
                return CredentialAnswer.Later("the pod's address is not known to the mesh yet");
            }

            if (from is null || !known.Addresses.Any(address => IPAddress.TryParse(address, out var own) && own.Equals(Unmapped(from))))
            {
                Log.OtherAddress(logger, pod, from);
                return CredentialAnswer.Refuse(HttpStatusCode.Forbidden, "the token is another address's");
            }
        }

        try
        {
            return await pipeline.AskAsync(state => Issue(pod, key, state), cancellation).ConfigureAwait(false);
        }
        catch (CertificateAuthorityException failure)
        {
            Log.NotIssued(logger, pod, failure);
            return CredentialAnswer.Later("no certificate can be issued at the moment");
        }
    }

    private CredentialAnswer Issue(ResourceKey pod, ECDsa key, MeshState state)
    {
        if (state.Proxies.Find(pod) is not { } proxy)
        {
            return CredentialAnswer.Refuse(HttpStatusCode.Forbidden, "the pod has no part in the mesh");
        }

        if (!LeafProfile.IsWellFormed(proxy.Identity.Workload))
        {
            return CredentialAnswer.Refuse(HttpStatusCode.Forbidden, "no certificate can carry the pod's service account");
        }

        // Which Envoy it will be is not known before it comes.
        var view = ScopeView.Of(state.Index, state.Contributions.ScopeOf(proxy, Capabilities.Baseline), state.Contributions);
        if (view.Contributions.Held is { } reason)
        {
            return CredentialAnswer.Later($"the proxy cannot be started, since {reason}");
        }

        var (identity, chain, window) = authority.IssueFor(proxy.Identity, key, options.CredentialValidity);
        Log.Issued(logger, pod, identity.SpiffeId, window.NotAfter);
        return CredentialAnswer.Of(new(identity.SpiffeId, chain, authority.XdsBundle, ContributedBootstrap.Of(view.Contributions, view.Scope), window.RenewAt));
    }

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static partial class Log
    {
        [LoggerMessage(5382, LogLevel.Information, "{Pod} was issued a credential for {Identity}, valid until {NotAfter}")]
        public static partial void Issued(ILogger logger, ResourceKey pod, string identity, DateTimeOffset notAfter);

        [LoggerMessage(5383, LogLevel.Warning, "The token of {Pod} is of service account {Account}, which the pod does not run as; it is refused")]
        public static partial void OtherAccount(ILogger logger, ResourceKey pod, string account);

        [LoggerMessage(5384, LogLevel.Warning, "The token of {Pod} came from {From}, which is not the pod's address; it is refused")]
        public static partial void OtherAddress(ILogger logger, ResourceKey pod, IPAddress? from);

        [LoggerMessage(5385, LogLevel.Error, "No credential could be issued to {Pod}")]
        public static partial void NotIssued(ILogger logger, ResourceKey pod, Exception failure);

        [LoggerMessage(5386, LogLevel.Warning, "The API server could not be asked about a token")]
        public static partial void NotAsked(ILogger logger, Exception failure);
    }
}
