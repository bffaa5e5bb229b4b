using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.ControlPlane.Reporting;
using OsmExt.ControlPlane.Roots;
using OsmExt.Kubernetes.Cluster;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>
/// Has replicas know what each of them knows of its proxies, by a ConfigMap in which each has a key of its own. Those that do not lead write theirs, when it is another; the leader
/// reads them and takes away what nobody stands for any more. A replica that is alone writes nothing.
/// </summary>
internal sealed partial class ReplicaReporter(
    ClusterClient client, IReplicas replicas, ReplicaBoard board, MeshPipeline pipeline, RootRotation rotation, StatusReview review, StatusCause cause, ClusterOptions options, CompilerOptions mesh, TimeProvider time,
    ILogger<ReplicaReporter> logger) : BackgroundService, IReflectorSink
{
    public const string Name = "osm-replicas";

    // One object is for all replicas and has at most a megabyte.
    private const int MostBytes = 256 << 10;
    private const int ShareOfTheLoop = 20;
    private static readonly ApiResource ConfigMaps = new("", "v1", "configmaps");

    private readonly Dictionary<string, long> _unknownSince = new(StringComparer.Ordinal);
    private ImmutableDictionary<string, string> _entries = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);
    private string? _written;
    private (StatusCause.Mark Cause, string Text)? _made;
    private bool _isFailing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var share = new ReflectorShare(options.Reflectors, time, new(options.Seed));
        try
        {
            await Task.WhenAll(
                new Reflector(client, ConfigMaps, this, share) { Namespace = mesh.OsmNamespace, Name = Name }.RunAsync(stoppingToken), ReportAsync(stoppingToken)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host takes it for a failure when it ends before it has started.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        if (_written is not null)
        {
            await TryAsync(() => PatchAsync(new() { [options.Replica] = null }, cancellationToken)).ConfigureAwait(false);
        }
    }

    public void Begin()
    {
    }

    public void Listed(ApiObject found) => Changed(found);

    // What replicas say of themselves is said anew when it is lost.
    public Doubt? End(bool isSure) => null;

    public void Changed(ApiObject changed)
    {
        try
        {
            var entries = (JsonNode.Parse(changed.Json.Span)!["binaryData"] as JsonObject ?? []).ToImmutableDictionary(entry => entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);
            Take(entries);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            Log.NotRead(logger, mesh.OsmNamespace, Name, failure.Message);
        }
    }

    public void Deleted(ApiObject deleted) => Take(_entries.Clear());

    private void Take(ImmutableDictionary<string, string> entries)
    {
        _entries = entries;
        var reports = board.Reports.Clear().ToBuilder();
        foreach (var (replica, text) in entries.Where(entry => entry.Key != options.Replica))
        {
            var bytes = new byte[text.Length];
            if (Convert.TryFromBase64String(text, bytes, out var length) && ReplicaReport.Read(bytes.AsMemory(0, length)) is { } report)
            {
                reports[replica] = report;
            }
            else
            {
                Log.NotRead(logger, mesh.OsmNamespace, Name, $"what {replica} has written is no report");
            }
        }

        board.Set(reports.ToImmutable());
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        var pause = options.StatusInterval;
        while (true)
        {
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            try
            {
                var took = await TurnAsync(cancellationToken).ConfigureAwait(false);
                pause = took * ShareOfTheLoop > options.StatusInterval ? took * ShareOfTheLoop : options.StatusInterval;
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                // What is said is said again with the next look; no reason to stop serving.
                Log.NotWritten(logger, mesh.OsmNamespace, Name, failure.Message);
            }
        }
    }

    private async Task<TimeSpan> TurnAsync(CancellationToken cancellationToken)
    {
        var isLeader = replicas.IsLeader;
        var (report, mark, present, took) = await pipeline.AskAsync(
            state =>
            {
                var (start, now) = (time.GetTimestamp(), cause.Now(state));
                var isDue = !isLeader && _made?.Cause != now;
                return (isDue ? rotation.Report(state) with { Objects = review.Shares(state) } : null, now, replicas.Present(state.Snapshot), time.GetElapsedTime(start));
            }, cancellationToken).ConfigureAwait(false);
        if (isLeader)
        {
            await TidyAsync(present, cancellationToken).ConfigureAwait(false);
            return took;
        }

        var text = report is null ? _made!.Value.Text : TextOf(report);
        _made = (mark, text);
        if (_entries.GetValueOrDefault(options.Replica) != text && await TryAsync(() => PatchAsync(new() { [options.Replica] = text }, cancellationToken)).ConfigureAwait(false))
        {
            _written = text;
        }

        return took;
    }

    private string TextOf(ReplicaReport report)
    {
        var bytes = report.ToBytes();
        if (bytes.Length > MostBytes)
        {
            Log.TooMuch(logger, bytes.Length);
            bytes = (report with { Objects = null }).ToBytes();
        }

        return Convert.ToBase64String(bytes);
    }

    // The leader speaks for itself, and a replica whose pod is gone for nobody. Clocks are not compared: how long it has been gone is as seen from here.
    private async Task TidyAsync(IReadOnlySet<string> present, CancellationToken cancellationToken)
    {
        var gone = new JsonObject();
        foreach (var replica in _entries.Keys)
        {
            if (present.Contains(replica))
            {
                _unknownSince.Remove(replica);
            }
            else if (!_unknownSince.TryAdd(replica, time.GetTimestamp()) && time.GetElapsedTime(_unknownSince[replica]) >= options.LeaseDuration)
            {
                gone[replica] = null;
            }
        }

        if (_entries.ContainsKey(options.Replica))
        {
            gone[options.Replica] = null;
        }

        if (gone.Count > 0 && await TryAsync(() => PatchAsync(gone, cancellationToken)).ConfigureAwait(false))
        {
            _written = null;
            gone.ToList().ForEach(entry => _unknownSince.Remove(entry.Key));
        }
    }

    private async Task PatchAsync(JsonObject entries, CancellationToken cancellationToken)
    {
        var call = new ApiCall("patch", "configmaps", ConfigMaps.Of(mesh.OsmNamespace, Name)) { Body = new JsonObject { ["binaryData"] = entries }, ContentType = ApiCall.MergePatch };
        if (await client.FindAsync(call, cancellationToken).ConfigureAwait(false) is null && entries.Any(entry => entry.Value is not null))
        {
            var body = new JsonObject
            {
                ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["binaryData"] = entries.DeepClone(),
                ["metadata"] = new JsonObject
                {
                    ["name"] = Name, ["namespace"] = mesh.OsmNamespace,
                    ["labels"] = new JsonObject { ["app.kubernetes.io/managed-by"] = options.Name, ["app.kubernetes.io/part-of"] = "openservicemesh.io" },
                },
            };
            await client.AskAsync(new("create", "configmaps", ConfigMaps.In(mesh.OsmNamespace)) { Body = body }, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryAsync(Func<Task> write)
    {
        try
        {
            await write().ConfigureAwait(false);
            _isFailing = false;
            return true;
        }
        catch (ClusterCallException refusal) when (refusal.IsConflict)
        {
            return false;
        }
        catch (Exception failure) when (failure is HttpRequestException or ClusterCallException)
        {
            // Once is enough until it has worked again.
            if (!_isFailing)
            {
                Log.NotWritten(logger, mesh.OsmNamespace, Name, failure.Message);
            }

            _isFailing = true;
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5323, LogLevel.Warning, "What this replica's proxies have acknowledged could not be written to ConfigMap {Namespace}/{Name}; it is tried again: {Reason}")]
        public static partial void NotWritten(ILogger logger, string @namespace, string name, string reason);

        [LoggerMessage(5324, LogLevel.Warning, "ConfigMap {Namespace}/{Name} cannot be read: {Reason}")]
        public static partial void NotRead(ILogger logger, string @namespace, string name, string reason);

        [LoggerMessage(5325, LogLevel.Debug, "How far objects have come takes {Bytes} bytes to say, which is too much for all replicas; statuses count the leader's proxies")]
        public static partial void TooMuch(ILogger logger, int bytes);
    }
}
