using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OsmExt.Identity;

/// <summary>Registers the certificate authority and all that depends on it.</summary>
internal static class IdentityServices
{
    public static IServiceCollection AddIdentity(this IServiceCollection services, Action<IdentityOptions> configure)
    {
        services.AddOptions<IdentityOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<IdentityOptions>, IdentityOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(NewAuthority);
        services.TryAddSingleton(provider => new WorkloadCertificates(
            provider.GetRequiredService<CertificateAuthority>().Issue,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<WorkloadCertificates>>())
        {
            ShortestValidity = OptionsOf(provider).ShortestWorkloadCertificateValidity,
        });
        services.TryAddSingleton(provider => ActivatorUtilities.CreateInstance<XdsServerCredentials>(
            provider, OptionsOf(provider).XdsServerCertificateValidity));
        services.TryAddSingleton(provider => ActivatorUtilities.CreateInstance<ProxyCertificateVerifier>(
            provider, provider.GetRequiredService<CertificateAuthority>().Bundle));
        services.TryAddSingleton<XdsServerTls>();
        services.AddHostedService<CertificateRotation>();
        return services;
    }

    private static CertificateAuthority NewAuthority(IServiceProvider provider)
    {
        var options = OptionsOf(provider);
        var time = provider.GetRequiredService<TimeProvider>();
        var directory = new CaDirectory(options.StateDirectory, time, provider.GetRequiredService<ILogger<CaDirectory>>());
        return new(directory.LoadOrCreate(), options.TrustDomain, time);
    }

    private static IdentityOptions OptionsOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<IdentityOptions>>().Value;
}

/// <summary>Replaces workload certificates while the host runs.</summary>
internal sealed class CertificateRotation(WorkloadCertificates certificates) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        certificates.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        certificates.Dispose();
        return Task.CompletedTask;
    }
}
