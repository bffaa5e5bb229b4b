using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OsmExt.Compiler;
using OsmExt.ControlPlane.Options;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Identity;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Serving;

/// <summary>
/// Keeps what gateways outside the mesh need: the mesh's roots, all of them while they change and never a key; and the client certificate that
/// the MeshConfig asks for, replaced after two thirds of its validity. Without a cluster to keep Secrets in, they are files.
/// </summary>
internal sealed partial class GatewaySecrets(
    CertificateAuthority authority, MeshPipeline pipeline, CompilerOptions compiler, IOptions<ControlPlaneOptions> options, TimeProvider time, ILogger<GatewaySecrets> logger)
    : BackgroundService
{
    /// <summary>The Secret that holds the roots, in the control plane's namespace.</summary>
    public const string RootsName = "osm-ca-roots";

    private readonly SecretFiles _files = new(Path.Combine(options.Value.StateDirectory, "secrets"));
    private RotatingCertificate<GatewayCredential>? _certificate;
    private GatewayCertificate? _asked;
    private string _issuer = "";

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
        if (pipeline.State is not { } state)
        {
            return;
        }

        try
        {
            _files.Write(compiler.OsmNamespace, RootsName, ("ca.crt", authority.Bundle.Pem));
            Keep(state.Snapshot.Find<MeshConfig>(new(nameof(MeshConfig), compiler.OsmNamespace, MeshConfig.WellKnownName))?.IngressGateway);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Log.NotWritten(logger, failure);
        }
    }

    private void Keep(GatewayCertificate? asked)
    {
        if (asked != _asked)
        {
            _certificate = asked is null ? null : new(epoch => authority.IssueGateway([.. asked.DnsNames], epoch), issued => issued.Window, time);
            _asked = asked;
        }

        _files.RemoveCertificatesExcept(asked is null ? null : (asked.SecretNamespace, asked.SecretName));
        if (asked is null || _certificate is null)
        {
            return;
        }

        if (_issuer != authority.Issuer)
        {
            _issuer = authority.Issuer;
            _certificate.Supersede();
        }

        var renewal = _certificate.Renew(RotationSchedule.For(string.Join(',', asked.DnsNames), asked.Validity, options.Value.ShortestCertificateValidity));
        if (renewal.Outcome is RenewalOutcome.Failed)
        {
            Log.NotIssued(logger, asked.SecretNamespace, asked.SecretName, renewal.Due, renewal.Failure);
        }

        if (renewal.Certificate is { } issued)
        {
            _files.Write(asked.SecretNamespace, asked.SecretName, ("ca.crt", authority.Bundle.Pem), ("tls.crt", issued.ChainPem), (SecretFiles.Key, issued.PrivateKeyPem));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5110, LogLevel.Error, "No certificate could be issued for the ingress gateway's secret {Namespace}/{Name}. Next try at {RetryAt}")]
        public static partial void NotIssued(ILogger logger, string @namespace, string name, DateTimeOffset retryAt, Exception? exception);

        [LoggerMessage(5111, LogLevel.Error, "What gateways need could not be written")]
        public static partial void NotWritten(ILogger logger, Exception exception);
    }
}
