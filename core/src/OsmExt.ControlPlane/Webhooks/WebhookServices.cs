using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler;
using OsmExt.ControlPlane.Http;
using OsmExt.ControlPlane.OnCluster;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Identity;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Webhooks;

/// <summary>Adds the webhooks to a control plane on a cluster.</summary>
internal static class WebhookServices
{
    public static void AddWebhooks(this IServiceCollection services, WebhookOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<WebhookCertificate>().AddSingleton<PodReview>().AddSingleton<ObjectReview>().AddSingleton<CredentialIssuer>().AddSingleton<CredentialEndpoint>();
        services.AddSingleton<ITokenReviews>(provider => new TokenReviews(provider.GetRequiredService<ClusterClient>().AskAsync));
        services.AddSingleton(provider => new ClusterVersion(
            cancellation => provider.GetRequiredService<ClusterClient>().AskAsync(new("get", "version", "version"), cancellation),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ClusterVersion>>()));
        services.AddHostedService(provider => provider.GetRequiredService<ClusterVersion>());
        services.AddHostedService(provider => new WebhookRegistration(
            provider.GetRequiredService<ClusterClient>().AskAsync, provider.GetRequiredService<IReplicas>(),
            (ns, name) => provider.GetRequiredService<ResourceStore>().Snapshot.Find<Service>(new(nameof(Service), ns, name)) is not null,
            provider.GetRequiredService<Readiness>(), provider.GetRequiredService<CertificateAuthority>(),
            provider.GetRequiredService<CompilerOptions>(), options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<WebhookRegistration>>()));
        services.AddOptions<KestrelServerOptions>().Configure<WebhookCertificate>((kestrel, certificate) => kestrel.Listen(options.Address, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(certificate.NewKestrelOptions());
            listen.Mark(ListenerPort.Webhooks);
        }));
    }
}
