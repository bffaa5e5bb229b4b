using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace OsmExt.Identity.Tests;

public sealed class IdentityServicesTests
{
    [Fact]
    public async Task The_host_rotates_certificates_and_reads_no_file_before_it_starts()
    {
        using var state = new TempDirectory();
        var time = TestMesh.NewTime();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddIdentity(options => options.StateDirectory = state.Path);
        using var host = builder.Build();
        Assert.Empty(Directory.EnumerateFileSystemEntries(state.Path));

        await host.StartAsync();
        var certificates = host.Services.GetRequiredService<WorkloadCertificates>();
        var first = certificates.Get(TestMesh.Workload(), TestMesh.Day);
        var reader = certificates.ReadReplacedAsync().GetAsyncEnumerator();
        var replaced = reader.MoveNextAsync().AsTask();
        time.Advance(certificates.NextRotation!.Value - time.GetUtcNow() + WorkloadCertificates.CheckInterval);
        Assert.True(await replaced.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(TestMesh.Workload(), Assert.Single(reader.Current));
        Assert.NotEqual(first.Version, certificates.Get(TestMesh.Workload(), TestMesh.Day).Version);
        Assert.NotNull(host.Services.GetRequiredService<XdsServerTls>().NewHandshake().ServerCertificateContext);
        Assert.Equal("cluster.local", host.Services.GetRequiredService<CertificateAuthority>().Bundle.TrustDomain);
        await host.StopAsync();
    }

    [Fact]
    public async Task Options_that_make_no_sense_stop_the_start_and_are_named_all_at_once()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddIdentity(options =>
        {
            options.TrustDomain = "Cluster_Local";
            options.ProxyCertificateValidity = TimeSpan.FromSeconds(30);
            options.XdsServerCertificateValidity = TimeSpan.FromDays(9999);
            options.ShortestWorkloadCertificateValidity = TimeSpan.FromSeconds(14);
            options.RsaKeyPoolSize = -1;
        });
        using var host = builder.Build();
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal(
            ["StateDirectory", "TrustDomain", "ProxyCertificateValidity", "XdsServerCertificateValidity", "ShortestWorkloadCertificateValidity", "RsaKeyPoolSize"],
            refusal.Failures.Select(failure => failure.Split(' ')[0]));
    }

    [Theory]
    [InlineData("cluster.local", true)]
    [InlineData("mesh", true)]
    [InlineData("a-b.c1.example", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("cluster.local.", false)]
    [InlineData("cluster..local", false)]
    [InlineData("Cluster.local", false)]
    [InlineData("-a.local", false)]
    [InlineData("a-.local", false)]
    [InlineData("a/b", false)]
    [InlineData("a:1", false)]
    [InlineData("*.local", false)]
    [InlineData("é.local", false)]
    public void A_trust_domain_is_a_lower_case_DNS_name(string trustDomain, bool good)
    {
        var options = new IdentityOptions { StateDirectory = "state", TrustDomain = trustDomain };
        Assert.Equal(good, new IdentityOptionsValidator().Validate(null, options).Succeeded);
        Assert.Equal(good && trustDomain.Length <= 63, DnsNames.IsName(new string('a', 63) + "." + trustDomain));
    }
}
