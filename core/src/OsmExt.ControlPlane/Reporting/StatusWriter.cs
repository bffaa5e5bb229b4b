using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OsmExt.ControlPlane.OnCluster;
using OsmExt.ControlPlane.Options;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Sdk.Resources;
using OsmExt.Sdk.Status;

namespace OsmExt.ControlPlane.Reporting;

/// <summary>
/// Hands what has changed about objects' statuses to whoever writes it, again and again with a pause between; a large mesh, whose statuses take
/// long to make and to write, gets longer pauses, and one in which nothing has happened is left alone. A status that cannot be written is no reason to stop. Of replicas one writes, and begins with what is there.
/// </summary>
internal sealed partial class StatusWriter(
    MeshPipeline pipeline, StatusReview review, StatusCause cause, IStatusSink sink, IReplicas replicas, IOptions<ControlPlaneOptions> options, TimeProvider time,
    ILogger<StatusWriter> logger) : BackgroundService
{
    // There are other things to do than statuses.
    private const int ShareOfTheTime = 200;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private StatusCause.Mark? _seen;
    private Dictionary<ResourceKey, ObjectStatus>? _written;
    private bool _isFailing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = options.Value.StatusInterval;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(pause, time, stoppingToken).ConfigureAwait(false);
                var start = time.GetTimestamp();
                await TurnAsync(stoppingToken).ConfigureAwait(false);
                _isFailing = false;
                var rest = time.GetElapsedTime(start) * ShareOfTheTime;
                pause = rest > options.Value.StatusInterval ? rest < LongestPause ? rest : LongestPause : options.Value.StatusInterval;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // Once is enough until it has worked again.
                if (!_isFailing)
                {
                    Log.NotWritten(logger, failure);
                }

                (_isFailing, _seen) = (true, null);
            }
        }
    }

    private async Task TurnAsync(CancellationToken cancellationToken)
    {
        if (!replicas.IsLeader)
        {
            (_written, _seen) = (null, null);
            return;
        }

        if (_written is null)
        {
            var before = await sink.ReadAsync(cancellationToken).ConfigureAwait(false);
            await pipeline.AskAsync(
                _ =>
                {
                    review.Recall(before);
                    return true;
                }, cancellationToken).ConfigureAwait(false);
            _written = before.ToDictionary(status => status.Object);
        }

        var (mark, all) = await pipeline.AskAsync(
            state => cause.Now(state) is var now && now == _seen ? (now, null) : (now, review.Of(state, pipeline.Diagnostics(state))), cancellationToken).ConfigureAwait(false);
        if (all is null)
        {
            return;
        }

        ObjectStatus[] changed = [.. all.Where(status => !status.Equals(_written.GetValueOrDefault(status.Object)))];
        ResourceKey[] gone = all.Count(status => _written.ContainsKey(status.Object)) == _written.Count ? [] : [.. _written.Keys.Except(all.Select(status => status.Object))];
        if (changed.Length > 0 || gone.Length > 0)
        {
            await sink.WriteAsync(changed, gone, cancellationToken).ConfigureAwait(false);
            foreach (var status in changed)
            {
                _written[status.Object] = status;
            }

            foreach (var key in gone)
            {
                _written.Remove(key);
            }
        }

        _seen = mark;
    }

    private static partial class Log
    {
        [LoggerMessage(5060, LogLevel.Warning, "Statuses of objects could not be written; it is tried again")]
        public static partial void NotWritten(ILogger logger, Exception failure);
    }
}
