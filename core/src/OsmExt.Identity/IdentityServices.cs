using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OsmExt.Identity.Roots;
using OsmExt.Sdk.Identity;

namespace OsmExt.Identity;

/// <summary>Registers the certificate authority and all that depends on it.</summary>
internal static class IdentityServices
{
    public static IServiceCollection AddIdentity(this IServiceCollection services, Action<IdentityOptions> configure)
    {
        services.AddOptions<IdentityOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<IdentityOptions>, IdentityOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(OpenRoots);
        services.TryAddSingleton(provider => provider.GetRequiredService<MeshRoots>().Authority);
        services.TryAddSingleton(provider => new RsaKeyPool(
            OptionsOf(provider).RsaKeyPoolSize, KeyType.NewRsa, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<RsaKeyPool>>()));
        services.TryAddSingleton(NewWorkloadCertificates);
        services.TryAddSingleton(provider => ActivatorUtilities.CreateInstance<XdsServerCredentials>(
            provider, OptionsOf(provider).XdsServerCertificateValidity));
        services.TryAddSingleton(provider =>
        {
            var authority = provider.GetRequiredService<CertificateAuthority>();
            return new ProxyCertificateVerifier(() => authority.XdsBundle, provider.GetRequiredService<TimeProvider>());
        });
        services.TryAddSingleton<XdsServerTls>();
        services.AddHostedService<CertificateRotation>();
        return services;
    }

    private static MeshRoots OpenRoots(IServiceProvider provider)
    {
        var (options, time) = (OptionsOf(provider), provider.GetRequiredService<TimeProvider>());
        var store = provider.GetService<IRootStore>() ?? new RootDirectory(options.StateDirectory, time, provider.GetRequiredService<ILogger<CaDirectory>>());
        return MeshRoots.Open(store, options.TrustDomain, time);
    }

    private static WorkloadCertificates NewWorkloadCertificates(IServiceProvider provider)
    {
        var (authority, keys) = (provider.GetRequiredService<CertificateAuthority>(), provider.GetRequiredService<RsaKeyPool>());
        WorkloadCertificates? certificates = null;
        return certificates = new(Issue, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<WorkloadCertificates>>())
        {
            ShortestValidity = OptionsOf(provider).ShortestWorkloadCertificateValidity,
        };

        WorkloadCertificate Issue(WorkloadIdentity identity, RotationEpoch epoch, KeyType type)
        {
            using var key = type.IsRsa ? keys.Take(type.RsaBits, certificates!.Count) : type.NewKey();
            return authority.Issue(identity, epoch, key);
        }
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
