using System.ComponentModel.DataAnnotations;
using System.Net;

namespace OsmExt.ControlPlane.Options;

/// <summary>How a control plane runs.</summary>
internal sealed class ControlPlaneOptions : IValidatableObject
{
    /// <summary>Whether objects come from a cluster.</summary>
    public bool IsOnCluster { get; set; }

    /// <summary>Directories or files of manifests, unless objects come from a cluster.</summary>
    public IReadOnlyList<string> Config { get; set; } = [];

    /// <summary>Directory of plugins; null for none.</summary>
    public string? Plugins { get; set; }

    /// <summary>What plugins may do; null for the file in their directory, if there is one.</summary>
    public string? PluginPolicy { get; set; }

    /// <summary>How often the directory of plugins is looked at; what is found changed is loaded once it has not changed for as long.</summary>
    public TimeSpan PluginScanInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Where the certificate authority's key and root are kept.</summary>
    [Required]
    public string StateDirectory { get; set; } = "";

    /// <summary>Where proxies connect.</summary>
    public IPEndPoint XdsAddress { get; set; } = new(IPAddress.Any, 15128);

    /// <summary>Health, version and metrics. No secrets, so it may be reachable.</summary>
    public IPEndPoint HttpAddress { get; set; } = new(IPAddress.Any, 9091);

    /// <summary>What proxies have. It tells the whole mesh's shape, so it stays on loopback unless told otherwise.</summary>
    public IPEndPoint DebugAddress { get; set; } = new(IPAddress.Loopback, 9092);

    /// <summary>The collector that traces of changes are sent to; null for the one OpenTelemetry's environment variables name, if they name one.</summary>
    public Uri? OtlpEndpoint { get; set; }

    /// <summary>Service accounts, as NAMESPACE/NAME, whose proxies may ask on the xDS port what every proxy has; others are told of themselves only.</summary>
    public IReadOnlyList<string> StatusReaders { get; set; } = [];

    /// <summary>Where what proxies are sent is recorded, a file for each; null for nowhere.</summary>
    public string? RecordDirectory { get; set; }

    /// <summary>How often objects' statuses are written, where they have changed, into <c>status</c> of the state directory.</summary>
    public TimeSpan StatusInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Policy is compiled after this long without another change.</summary>
    public TimeSpan PolicyQuiet { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Policy is compiled at the latest this long after the first change.</summary>
    public TimeSpan PolicyMaxDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often the pipeline looks for what nobody needs any more.</summary>
    public TimeSpan HousekeepingInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a proxy without a stream is taken to be on its way back, so that a change of roots waits for it. It goes on serving
    /// with what it has meanwhile.
    /// </summary>
    public TimeSpan ReconnectGrace { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long whoever writes a proxy's credential gets to renew it, after it became outdated, before the proxy is asked to connect
    /// with the new one; doubled each time the proxy comes with the old one.
    /// </summary>
    public TimeSpan CredentialPatience { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A certificate validity in MeshConfig that is shorter counts as this. Less than the default is for tests of rotation.</summary>
    public TimeSpan ShortestCertificateValidity { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long streams get to end when the process stops.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IsOnCluster == (Config.Count > 0))
        {
            yield return new("Objects come either from directories or from a cluster", [nameof(Config)]);
        }

        foreach (var reader in StatusReaders.Where(static reader => reader.Split('/') is not [{ Length: > 0 }, { Length: > 0 }]))
        {
            yield return new($"A status reader is a service account, written NAMESPACE/NAME; {reader} is none", [nameof(StatusReaders)]);
        }
    }
}
