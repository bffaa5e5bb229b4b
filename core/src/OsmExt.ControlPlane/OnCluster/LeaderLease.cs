using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>
/// Elects the replica that writes, by a Lease. Clocks of machines are not compared: a Lease is over when it has not changed for its duration, as seen
/// from here. A leader that cannot renew it stops being one before anybody else may begin.
/// </summary>
internal sealed partial class LeaderLease(ClusterClient client, ClusterOptions options, CompilerOptions mesh, TimeProvider time, ILogger<LeaderLease> logger)
    : BackgroundService, IReplicas
{
    private readonly Random _random = new(options.Seed);
    private (string Version, long SeenAt) _seen = ("", 0);
    private JsonNode? _held;
    private long? _renewedAt;
    private bool _wasLeader;

    /// <summary>A third of the duration is the margin for what takes time between here and the server.</summary>
    public TimeSpan LeadsFor => _renewedAt is { } renewed && (options.LeaseDuration * 2 / 3) - time.GetElapsedTime(renewed) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    public bool IsLeader => LeadsFor > TimeSpan.Zero;

    private string Path => ApiResource.Leases.Of(mesh.OsmNamespace, options.Name);

    public IReadOnlyList<string> Others(ResourceSnapshot snapshot) =>
    [
        .. Endpoints(snapshot).Where(endpoint => endpoint.Ready && endpoint.Pod != options.Replica).Select(endpoint => endpoint.Pod).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    public IReadOnlySet<string> Present(ResourceSnapshot snapshot) => Endpoints(snapshot).Select(endpoint => endpoint.Pod).Append(options.Replica).ToHashSet(StringComparer.Ordinal);

    private IEnumerable<Endpoint> Endpoints(ResourceSnapshot snapshot)
        => snapshot.All<EndpointSlice>().Where(slice => slice.Metadata.Namespace == mesh.OsmNamespace && slice.ServiceName == options.Name)
            .SelectMany(slice => slice.Subsets).SelectMany(subset => subset.Endpoints).Where(endpoint => endpoint.Pod.Length > 0);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                // After a failure soon again: there is time for several attempts before the Lease is lost.
                var wait = await LookAsync(stoppingToken).ConfigureAwait(false) ? options.LeaseRenewal : options.LeaseRenewal / 5;
                await Task.Delay(wait * (0.9 + (_random.NextDouble() / 5)), time, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host takes it for a failure when it ends before it has started.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        if (_held is not { } held)
        {
            return;
        }

        _renewedAt = null;
        try
        {
            // The next one need not wait until it runs out. A renewal that was cut off may have been carried out.
            if (await TryAsync(() => WriteAsync("update", held, "", cancellationToken)).ConfigureAwait(false)
                || (await client.FindAsync(new("get", "leases", Path), cancellationToken).ConfigureAwait(false) is { } lease && (string?)lease["spec"]?["holderIdentity"] == options.Replica
                    && await TryAsync(() => WriteAsync("update", lease, "", cancellationToken)).ConfigureAwait(false)))
            {
                Log.Released(logger, options.Replica);
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or ClusterCallException or OperationCanceledException)
        {
            Log.NotRenewed(logger, failure.Message);
        }
    }

    /// <summary>Renews the Lease, takes it when it is free, or looks whether it still is somebody's.</summary>
    /// <returns>Whether the server answered.</returns>
    internal async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        var isAnswered = true;
        try
        {
            if (_held is null || !await TryAsync(() => WriteAsync("update", _held, options.Replica, cancellationToken)).ConfigureAwait(false))
            {
                _held = null;
                await TakeAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or ClusterCallException)
        {
            Log.NotRenewed(logger, failure.Message);
            isAnswered = false;
        }

        if (_wasLeader != IsLeader)
        {
            _wasLeader = IsLeader;
            Log.Changed(logger, options.Replica, _wasLeader ? "leads: it writes statuses, events, Secrets and changes of roots" : "does not lead any more");
        }

        return isAnswered;
    }

    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        var lease = await client.FindAsync(new("get", "leases", Path), cancellationToken).ConfigureAwait(false);
        if (lease is null)
        {
            await TryAsync(() => WriteAsync("create", null, options.Replica, cancellationToken)).ConfigureAwait(false);
            return;
        }

        var (holder, version) = ((string?)lease["spec"]?["holderIdentity"] ?? "", (string?)lease["metadata"]?["resourceVersion"] ?? "");
        if (version != _seen.Version)
        {
            _seen = (version, time.GetTimestamp());
        }

        if (holder.Length == 0 || holder == options.Replica || time.GetElapsedTime(_seen.SeenAt) >= Duration(lease))
        {
            await TryAsync(() => WriteAsync("update", lease, options.Replica, cancellationToken)).ConfigureAwait(false);
        }
    }

    // What its holder was promised counts, not what we would promise.
    private TimeSpan Duration(JsonNode lease)
        => (int?)lease["spec"]?["leaseDurationSeconds"] is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : options.LeaseDuration;

    private async Task WriteAsync(string verb, JsonNode? before, string holder, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        var isNew = (string?)before?["spec"]?["holderIdentity"] != holder;
        var asked = time.GetTimestamp();
        var lease = before?.DeepClone() ?? new JsonObject
        {
            ["apiVersion"] = ApiResource.Leases.ApiVersion, ["kind"] = "Lease",
            ["metadata"] = new JsonObject { ["name"] = options.Name, ["namespace"] = mesh.OsmNamespace },
        };
        lease["spec"] = new JsonObject
        {
            ["holderIdentity"] = holder,
            ["leaseDurationSeconds"] = (int)options.LeaseDuration.TotalSeconds,
            ["acquireTime"] = isNew ? now : (string?)before?["spec"]?["acquireTime"] ?? now,
            ["renewTime"] = now,
            ["leaseTransitions"] = ((int?)before?["spec"]?["leaseTransitions"] ?? 0) + (isNew && before is not null && holder.Length > 0 ? 1 : 0),
        };
        var path = verb == "create" ? ApiResource.Leases.In(mesh.OsmNamespace) : Path;
        var written = await client.AskAsync(new(verb, "leases", path) { Body = lease }, cancellationToken).ConfigureAwait(false);
        (_held, _renewedAt) = holder.Length > 0 ? (written, (long?)asked) : (null, null);
    }

    /// <summary>False when somebody else was faster.</summary>
    private static async Task<bool> TryAsync(Func<Task> write)
    {
        try
        {
            await write().ConfigureAwait(false);
            return true;
        }
        catch (ClusterCallException refusal) when (refusal.IsConflict || refusal.IsNotFound)
        {
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5300, LogLevel.Information, "Replica {Replica} {What}")]
        public static partial void Changed(ILogger logger, string replica, string what);

        [LoggerMessage(5301, LogLevel.Warning, "The Lease cannot be renewed or read; it is tried again: {Reason}")]
        public static partial void NotRenewed(ILogger logger, string reason);

        [LoggerMessage(5302, LogLevel.Information, "Replica {Replica} has handed over")]
        public static partial void Released(ILogger logger, string replica);
    }
}
