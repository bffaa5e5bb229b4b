using Microsoft.Extensions.Hosting;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Identity;

namespace OsmExt.ControlPlane.Serving;

/// <summary>Carries replaced certificates to the proxies that use them.</summary>
internal sealed class CertificateRelay(WorkloadCertificates certificates, MeshPipeline pipeline) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var replaced in certificates.ReadReplacedAsync(stoppingToken).ConfigureAwait(false))
            {
                pipeline.CertificatesReplaced(replaced.ToHashSet());
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host takes it for a failure when it ends before it has started.
        }
    }
}
