using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OsmExt.Compiler;
using OsmExt.ControlPlane.Options;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Identity;
using OsmExt.Xds.Server;

namespace OsmExt.ControlPlane.Serving;

/// <summary>
/// Who may ask what proxies have. Every proxy may be told what is known of itself; those that run as a service account named in
/// <see cref="ControlPlaneOptions.StatusReaders"/> are told of all.
/// </summary>
internal sealed class StatusReaders(
    MeshPipeline pipeline, ProxyCertificateVerifier verifier, CompilerOptions compiler, IOptions<ControlPlaneOptions> options) : IStatusReaders
{
    public async ValueTask<StatusReader> AuthorizeAsync(HttpContext connection, CancellationToken cancellationToken)
    {
        if (verifier.Verify(connection.Connection.ClientCertificate) is not { Identity: { } identity })
        {
            throw new RpcException(new Status(StatusCode.Unauthenticated, "a proxy certificate of this mesh is required"));
        }

        // As when it opens a stream: a certificate speaks for a proxy while there is a pod that it belongs to.
        var known = identity.In(compiler.TrustDomain);
        var pods = await pipeline.AskAsync(
            state => state.Proxies.WithUuid(identity.Uuid).Where(proxy => proxy.Identity == known).Select(proxy => $"{proxy.Pod.Namespace}/{proxy.Pod.Name}").ToArray(),
            cancellationToken).ConfigureAwait(false);
        if (pods.Length == 0)
        {
            throw new RpcException(new Status(StatusCode.PermissionDenied, "no pod of the mesh belongs to this proxy's certificate"));
        }

        return options.Value.StatusReaders.Contains($"{known.Workload.Namespace}/{known.Workload.ServiceAccount}", StringComparer.Ordinal)
            ? StatusReader.OfAll
            : new StatusReader(id => string.Equals(id, pods[0], StringComparison.Ordinal));
    }
}
