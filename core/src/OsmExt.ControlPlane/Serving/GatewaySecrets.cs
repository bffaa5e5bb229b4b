using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
using OsmExt.ControlPlane.OnCluster;
using OsmExt.ControlPlane.Options;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Identity;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Serving;

/// <summary>
/// Keeps what gateways and others outside the mesh need: the mesh's roots, all of them while they change and never a key; and the certificates that
/// the MeshConfig and plugins ask for, replaced after two thirds of their validity. Without a cluster to keep Secrets in, they are files. Of replicas one keeps them.
/// </summary>
internal sealed partial class GatewaySecrets(
    CertificateAuthority authority, MeshPipeline pipeline, ISecretKeep secrets, IReplicas replicas, CompilerOptions compiler, IOptions<ControlPlaneOptions> options, TimeProvider time,
    ILogger<GatewaySecrets> logger)
    : BackgroundService
{
    /// <summary>The Secret that holds the roots, in the control plane's namespace.</summary>
    public const string RootsName = "osm-ca-roots";

    private volatile Dictionary<ObjectName, KeptCertificate> _kept = [];

    /// <summary>What there is now.</summary>
    public IEnumerable<KeptCertificate> Kept => _kept.Values;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(WorkloadCertificates.CheckInterval, time);
        try
        {
            do
            {
                Look();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host takes it for a failure when it ends before it has started.
        }
    }

    /// <summary>Does what is due. What fails stays as it was, and is tried again.</summary>
    internal void Look()
    {
        if (pipeline.State is not { } state || !replicas.IsLeader)
        {
            _kept = [];
            return;
        }

        try
        {
            var before = _kept;
            var kept = Asked(state).ToDictionary(asked => asked.Secret, asked => before.GetValueOrDefault(asked.Secret) is { } known && known.Asked == asked ? known : new(asked, authority, time));
            _kept = kept;
            secrets.Write(new(compiler.OsmNamespace, RootsName), ("ca.crt", authority.Bundle.Pem));
            secrets.RemoveExcept([.. kept.Keys, new(compiler.OsmNamespace, RootsName)], state.Contributions.Untold);
            foreach (var certificate in kept.Values)
            {
                Keep(certificate);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Log.NotWritten(logger, failure);
        }
    }

    private IEnumerable<OutsiderCertificate> Asked(MeshState state)
    {
        var gateway = state.Snapshot.Find<MeshConfig>(new(nameof(MeshConfig), compiler.OsmNamespace, MeshConfig.WellKnownName))?.IngressGateway;
        var own = gateway is null ? [] : new[] { new OutsiderCertificate(new(gateway.SecretNamespace, gateway.SecretName), null, gateway.DnsNames, [CertificateUsage.Client], gateway.Validity) };
        // What plugins ask for may be a moment older than the MeshConfig.
        return own.Concat(state.Contributions.Certificates).DistinctBy(asked => asked.Secret);
    }

    private void Keep(KeptCertificate certificate)
    {
        var (secret, roots) = (certificate.Asked.Secret, ("ca.crt", (object)authority.Bundle.Pem));
        if (certificate.Asked.RootsOnly)
        {
            secrets.Write(secret, roots);
            return;
        }

        var renewal = certificate.Renew(options.Value.ShortestCertificateValidity);
        if (renewal.Outcome is RenewalOutcome.Failed)
        {
            Log.NotIssued(logger, secret.Namespace, secret.Name, renewal.Due, renewal.Failure);
        }

        if (renewal.Certificate is { } issued)
        {
            secrets.Write(secret, roots, (SecretFiles.Certificate, issued.ChainPem), (SecretFiles.Key, issued.PrivateKeyPem));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5120, LogLevel.Error, "No certificate could be issued for secret {Namespace}/{Name}. Next try at {RetryAt}")]
        public static partial void NotIssued(ILogger logger, string @namespace, string name, DateTimeOffset retryAt, Exception? exception);

        [LoggerMessage(5121, LogLevel.Error, "What gateways need could not be written")]
        public static partial void NotWritten(ILogger logger, Exception exception);
    }
}
