using Microsoft.Extensions.Options;

namespace OsmExt.Identity;

/// <summary>Section <c>Identity</c>.</summary>
internal sealed class IdentityOptions
{
    /// <summary>Where the root and its key are kept, in <c>ca/</c>. Required.</summary>
    public string StateDirectory { get; set; } = "";

    /// <summary>Whose certificates are issued. Independent of the cluster's DNS suffix.</summary>
    public string TrustDomain { get; set; } = "cluster.local";

    /// <summary>How long a proxy's credential towards the control plane is valid.</summary>
    public TimeSpan ProxyCertificateValidity { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a certificate of the xDS port is valid; it is replaced after two thirds of it.</summary>
    public TimeSpan XdsServerCertificateValidity { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The shortest validity of a workload's certificate; what MeshConfig says counts as this when it is shorter. Less than the default is for tests.</summary>
    public TimeSpan ShortestWorkloadCertificateValidity { get; set; } = RotationSchedule.ShortestValidity;

    /// <summary>The most RSA keys that are made ahead, when workloads have RSA keys; 0 makes each when it is needed.</summary>
    public int RsaKeyPoolSize { get; set; } = 64;

    /// <summary>A third of a validity is left when a certificate is due, and due certificates are looked for this often.</summary>
    internal static TimeSpan LeastShortest { get; } = 3 * WorkloadCertificates.CheckInterval;
}

/// <summary>Refuses options nothing good can come of, all of them at once.</summary>
internal sealed class IdentityOptionsValidator : IValidateOptions<IdentityOptions>
{
    private const int LargestRsaKeyPool = 10_000;

    public ValidateOptionsResult Validate(string? name, IdentityOptions options)
    {
        var failures = new List<string>();
        if (string.IsNullOrWhiteSpace(options.StateDirectory))
        {
            failures.Add($"{nameof(options.StateDirectory)} is not set. Name a directory that outlives the process; the root certificate is kept there.");
        }

        if (!DnsNames.IsName(options.TrustDomain))
        {
            failures.Add($"{nameof(options.TrustDomain)} is no lower-case DNS name. Use one like cluster.local.");
        }

        CheckValidity(nameof(options.ProxyCertificateValidity), options.ProxyCertificateValidity);
        CheckValidity(nameof(options.XdsServerCertificateValidity), options.XdsServerCertificateValidity);
        var shortest = options.ShortestWorkloadCertificateValidity;
        if (shortest < IdentityOptions.LeastShortest || shortest > RotationSchedule.LongestValidity)
        {
            failures.Add(
                $"{nameof(options.ShortestWorkloadCertificateValidity)} is {shortest:c}. "
                + $"Use {IdentityOptions.LeastShortest:c} to {RotationSchedule.LongestValidity:c}; less could not be replaced in time.");
        }

        if (options.RsaKeyPoolSize is < 0 or > LargestRsaKeyPool)
        {
            failures.Add($"{nameof(options.RsaKeyPoolSize)} is {options.RsaKeyPoolSize}. Use 0 to {LargestRsaKeyPool}.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void CheckValidity(string option, TimeSpan validity)
        {
            if (RotationSchedule.Limit(validity) != validity)
            {
                failures.Add(
                    $"{option} is {validity:c}. Use whole seconds from {RotationSchedule.ShortestValidity:c} to {RotationSchedule.LongestValidity:c}.");
            }
        }
    }
}
