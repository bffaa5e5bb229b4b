using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OsmExt.Kubernetes.Cluster;

namespace OsmExt.ControlPlane.Webhooks;

/// <summary>What the cluster can do. Asked at start and every hour, since clusters are upgraded under a control plane that runs.</summary>
internal sealed partial class ClusterVersion(Func<CancellationToken, Task<JsonNode>> ask, TimeProvider time, ILogger<ClusterVersion> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    /// <summary>Whether init containers with <c>restartPolicy: Always</c> are sidecars: since Kubernetes 1.29. False until it is known.</summary>
    public bool HasSidecarContainers { get; private set; }

    /// <summary>Asks now; false when there is no answer.</summary>
    public async Task<bool> AskAsync(CancellationToken cancellation)
    {
        try
        {
            var version = await ask(cancellation).ConfigureAwait(false);
            HasSidecarContainers = Number(version["major"]) is { } major && Number(version["minor"]) is { } minor && (major > 1 || minor >= 29);
            return true;
        }
        catch (Exception failure) when (failure is HttpRequestException or ClusterCallException or InvalidOperationException)
        {
            Log.NotKnown(logger, failure);
            return false;
        }
    }

    // The first answer is waited for: until then it is not known what to inject.
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await AskAsync(cancellationToken).ConfigureAwait(false);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var known = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(known ? Interval : Retry, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            known = stoppingToken.IsCancellationRequested || await AskAsync(stoppingToken).ConfigureAwait(false);
        }
    }

    // Some distributions write 29+.
    private static int? Number(JsonNode? node)
        => node is JsonValue value && value.TryGetValue<string>(out var text) && int.TryParse(text.TrimEnd('+'), out var number) ? number : null;

    private static partial class Log
    {
        [LoggerMessage(5380, LogLevel.Warning, "The cluster's version is not known; sidecars are injected as before, and it is asked again")]
        public static partial void NotKnown(ILogger logger, Exception failure);
    }
}
