using System.Collections.Concurrent;
using OsmExt.Simulation;

namespace OsmExt.DataPlane.Tests.Discovery;

/// <summary>Writes down what it was to put in force.</summary>
internal sealed class RecordedTraffic : ITraffic
{
    private readonly ConcurrentQueue<ProxyConfiguration> _applied = new();

    public IReadOnlyList<ProxyConfiguration> Applied => [.. _applied];

    public ProxyConfiguration Last => _applied.Last();

    /// <summary>Listeners that cannot be bound.</summary>
    public HashSet<string> Occupied { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<EndpointStatus> Endpoints { get; set; } = [];

    public Task ApplyAsync(ProxyConfiguration configuration, CancellationToken stop)
    {
        _applied.Enqueue(configuration);
        return configuration.Listeners.FirstOrDefault(listener => Occupied.Contains(listener.Name)) is { } listener
            ? throw new ListenerException(listener.Name, "the address is in use") : Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
