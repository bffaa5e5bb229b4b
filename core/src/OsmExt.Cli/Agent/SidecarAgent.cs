using Microsoft.Extensions.Logging;
using OsmExt.Compiler.Contributions;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Kubernetes.Injection;

namespace OsmExt.Cli.Agent;

/// <summary>
/// Keeps what a pod's Envoy starts with and proves itself with: asks for a credential with the pod's token, writes it where Envoy follows it, and
/// asks again in good time. While the control plane is away it goes on asking; a credential that is there stays.
/// </summary>
internal sealed partial class SidecarAgent(AgentOptions options, IssuerClient issuer, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private string? _bootstrap;

    /// <summary>Whether Envoy can be started.</summary>
    public bool HasCredentials => File.Exists(BootstrapFile);

    private string BootstrapFile => Path.Join(options.Directory, "bootstrap.yaml");

    /// <summary>Gets the first credential, however long that takes.</summary>
    public async Task<DateTimeOffset> StartAsync(CancellationToken cancellation)
    {
        for (var pause = FirstPause; ; pause = Min(pause * 2, LongestPause))
        {
            if (await TryAsync(cancellation).ConfigureAwait(false) is { } renewAt)
            {
                return renewAt;
            }

            await Task.Delay(pause, time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Gets credentials until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var left = await StartAsync(cancellation).ConfigureAwait(false) - time.GetUtcNow();
            // A clock that is wrong must not make it ask in a loop.
            await Task.Delay(left > LongestPause ? left : LongestPause, time, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<DateTimeOffset?> TryAsync(CancellationToken cancellation)
    {
        try
        {
            var token = (await File.ReadAllTextAsync(options.TokenFile, cancellation).ConfigureAwait(false)).Trim();
            var (credential, problem) = await issuer.AskAsync(token, cancellation).ConfigureAwait(false);
            if (credential is null)
            {
                Log.Refused(logger, problem!);
                return null;
            }

            Write(credential);
            Log.Written(logger, credential.Identity.SpiffeId, credential.RenewAt);
            return credential.RenewAt;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            Log.Failed(logger, failure.InnerException?.Message is { } inner ? $"{failure.Message} ({inner})" : failure.Message);
            return null;
        }
    }

    // The bootstrap last: it is what Envoy waits for. It is read once, so a later one is only for an Envoy that starts anew.
    private void Write(AgentCredential credential)
    {
        ProxyCredentials.Write(credential.Trust, credential.ChainPem, credential.PrivateKeyPem, options.Directory);
        var bootstrap = BootstrapConfig.Build(credential.Identity, options.Controller, new(Path.GetFullPath(options.Directory)));
        ProbeListeners.AddTo(bootstrap, [.. AppProbe.Read(options.Probes).Select(Target)], System.Net.Sockets.Socket.OSSupportsIPv6);
        var text = EnvoyJson.ToYaml(ContributedBootstrap.Into(bootstrap, credential.Added));
        if (text != _bootstrap)
        {
            ProxyCredentials.WriteText(BootstrapFile, text);
            _bootstrap = text;
        }
    }

    private static ProbeTarget Target(AppProbe probe) => new(
        probe.Container, probe.Kind, probe.Protocol, probe.Port, ProbeRewriting.PathOf(probe.Kind, probe.Container), probe.TimeoutSeconds, probe.PeriodSeconds)
    {
        Path = probe.Path ?? "/",
        Service = probe.Service,
    };

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private static partial class Log
    {
        [LoggerMessage(6181, LogLevel.Information, "Has a credential for {Identity}, and renews it at {RenewAt}")]
        public static partial void Written(ILogger logger, string identity, DateTimeOffset renewAt);

        [LoggerMessage(6182, LogLevel.Warning, "The control plane gives no credential: {Reason}; it is asked again")]
        public static partial void Refused(ILogger logger, string reason);

        [LoggerMessage(6183, LogLevel.Warning, "No credential could be got: {Reason}; it is tried again")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
