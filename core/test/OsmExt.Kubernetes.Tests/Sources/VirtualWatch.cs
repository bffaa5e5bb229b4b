using Microsoft.Extensions.Time.Testing;
using OsmExt.Kubernetes.Sources;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Tests.Sources;

/// <summary>
/// A watch of real files in virtual time and without file events, so that only what scans find counts. It does what the source's
/// loop does: step, pause, step.
/// </summary>
internal sealed class VirtualWatch : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FileHints _hints;
    private readonly DirectoryWatch _watch;

    public VirtualWatch(DirectorySourceOptions options)
    {
        _hints = new(options.Paths, isEnabled: false, _time);
        _watch = new(options, _hints, _time);
    }

    public VirtualWatch(string path)
        : this(new DirectorySourceOptions { Paths = [path] })
    {
    }

    public ResourceSnapshot Snapshot { get; private set; } = ResourceSnapshot.Empty;

    public int Steps { get; private set; }

    public long Now => _time.GetTimestamp();

    /// <summary>Names of the objects in force, by namespace and name.</summary>
    public string Names => string.Join(' ', Snapshot.All<Service>().Select(service => service.Metadata.Name));

    /// <summary>Codes of the current diagnostics.</summary>
    public string Codes => string.Join(' ', Snapshot.Diagnostics.Select(found => found.Code));

    /// <summary>Goes on until there is a batch; fails when there is none within the time.</summary>
    public ResourceBatch Next(TimeSpan? within = null)
        => TryNext(within ?? TimeSpan.FromSeconds(5)) ?? throw new Xunit.Sdk.XunitException($"No batch came. In force: {Names}. {Codes}");

    /// <summary>Goes on for that long; gives the batch that came meanwhile, if one did.</summary>
    public ResourceBatch? TryNext(TimeSpan within)
    {
        var end = _time.GetTimestamp() + within.Ticks;
        while (Steps == 0 || _time.GetTimestamp() < end)
        {
            if (Steps++ > 0)
            {
                var pause = Math.Min(_watch.Pause().Ticks, end - _time.GetTimestamp());
                _time.Advance(TimeSpan.FromTicks(Math.Max(pause, 1)));
            }

            if (_watch.Step(CancellationToken.None) is { } batch)
            {
                Snapshot = Snapshot.Apply(batch, out _);
                return batch;
            }
        }

        return null;
    }

    public void Dispose() => _hints.Dispose();
}
