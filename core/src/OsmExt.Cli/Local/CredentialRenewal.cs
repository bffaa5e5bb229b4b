using System.Collections.Concurrent;
using System.Net;
using Envoy.Config.Bootstrap.V3;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler.Translation;
using OsmExt.Identity;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Local;

/// <summary>Replaces files of a running sidecar; see <see cref="LocalRuntime.LocalMesh.ReplaceSidecarFilesAsync"/>.</summary>
internal delegate Task<bool> ReplaceFiles(ResourceKey pod, Func<string, IReadOnlyList<string>> write, CancellationToken cancellation);

/// <summary>
/// The credentials of a local mesh's sidecars towards the control plane. They are written when a sidecar starts, and again when
/// two thirds of their time are over or the control plane has taken a step in a change of roots. Envoy follows the files.
/// </summary>
/// <param name="rootsVersion">Is another one when it is another root that does something.</param>
/// <param name="openRoots">Reads the roots anew: the control plane, another process, changes which of them signs.</param>
/// <param name="validity">How long a credential is valid.</param>
/// <param name="time">Tells when it is due.</param>
/// <param name="logger">What failed and is tried again.</param>
internal sealed partial class CredentialRenewal(
    Func<string> rootsVersion, Func<MeshRoots> openRoots, TimeSpan validity, TimeProvider time, ILogger logger)
{
    private readonly ConcurrentDictionary<ResourceKey, Written> _written = new();

    /// <summary>How often it looks.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(2);

    /// <summary>The version of the roots in a control plane's state directory: the state of a change is replaced as a whole, so its time tells whether it is another.</summary>
    public static string VersionIn(string controlPlane) => $"{File.GetLastWriteTimeUtc(Path.Join(controlPlane, "roots", "state.json")).Ticks}";

    /// <summary>Writes what a sidecar starts from, and returns its bootstrap.</summary>
    public string Start(ResourceKey pod, ProxyIdentity proxy, DnsEndPoint address, string directory, Bootstrap added)
        => ProxyCredentials.Bootstrap(Write(pod, proxy, directory), address, directory, added);

    /// <summary>Renews what is due until cancelled.</summary>
    public async Task RunAsync(ReplaceFiles replace, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            await RenewDueAsync(replace, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Renews what is due now. What fails stays as it is and is due again the next time.</summary>
    public async Task RenewDueAsync(ReplaceFiles replace, CancellationToken cancellation)
    {
        var state = rootsVersion();
        foreach (var (pod, written) in _written.Where(entry => entry.Value.State != state || time.GetUtcNow() >= entry.Value.RenewAt))
        {
            try
            {
                var running = await replace(pod, directory =>
                {
                    Write(pod, written.Proxy, directory);
                    return CredentialFiles.InOrder;
                }, cancellation).ConfigureAwait(false);
                if (!running)
                {
                    _written.TryRemove(pod, out _);
                }
            }
            catch (Exception failure) when (failure is CertificateAuthorityException or IOException or UnauthorizedAccessException)
            {
                _written[pod] = written;
                Log.NotRenewed(logger, pod, failure);
            }
        }
    }

    private ProxyIdentity Write(ResourceKey pod, ProxyIdentity proxy, string directory)
    {
        // Before the state itself: what changes in between is noticed the next time.
        var state = rootsVersion();
        using var roots = openRoots();
        var certificate = ProxyCredentials.Write(proxy, roots.Authority, directory, validity);
        _written[pod] = new(proxy, certificate.RenewAt, state);
        return certificate.Identity;
    }

    private sealed record Written(ProxyIdentity Proxy, DateTimeOffset RenewAt, string State);

    private static partial class Log
    {
        [LoggerMessage(6001, LogLevel.Error, "The credential of {Pod}'s sidecar could not be renewed; it keeps the one it has, and it is tried again")]
        public static partial void NotRenewed(ILogger logger, ResourceKey pod, Exception failure);
    }
}
