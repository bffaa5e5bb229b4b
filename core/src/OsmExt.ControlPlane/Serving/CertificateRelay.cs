using Microsoft.Extensions.Hosting;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Identity;

namespace OsmExt.ControlPlane.Serving;

/// <summary>Carries replaced certificates to the proxies that use them.</summary>
internal sealed class CertificateRelay(WorkloadCertificates certificates, MeshPipeline pipeline) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var replaced in certificates.ReadReplacedAsync(stoppingToken).ConfigureAwait(false))
        {
            pipeline.CertificatesReplaced(replaced.ToHashSet());
        }
    }
}
