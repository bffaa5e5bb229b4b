using System.Collections.Concurrent;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using OsmExt.DataPlane.Observation;
using OsmExt.Envoy;
using OsmExt.Simulation;

namespace OsmExt.DataPlane.Tests.Agreement;

/// <summary>
/// The traffic engine with the listeners and clusters that an Envoy has beside it, and the ports it got: an engine for each listener, as only
/// Envoy takes several listeners of one address whose port is any.
/// </summary>
internal sealed class EngineUnderTest : IStreamSink, IAsyncDisposable
{
    private readonly Dictionary<string, TrafficEngine> _engines = new(StringComparer.Ordinal);

    private EngineUnderTest()
    {
    }

    public IReadOnlyDictionary<string, int> Ports
        => _engines.ToDictionary(entry => entry.Key, entry => entry.Value.Bound.Single().Address.Port, StringComparer.Ordinal);

    public ConcurrentQueue<StreamRecord> Records { get; } = [];

    public static Task<EngineUnderTest> StartAsync(IEnumerable<Listener> listeners, string version, params IEnumerable<Cluster> clusters) => StartAsync(listeners, version, null, clusters);

    public static async Task<EngineUnderTest> StartAsync(IEnumerable<Listener> listeners, string version, PeerCertificate? own, IEnumerable<Cluster> clusters)
    {
        var all = new EngineUnderTest();
        foreach (var listener in listeners)
        {
            var engine = all._engines[listener.Name] = new(new() { Sink = all });
            await engine.ApplyAsync(
                new("engine", [XdsResource.Create(listener, listener.Name), .. clusters.Select(cluster => XdsResource.Create(cluster, cluster.Name))], own)
                {
                    Release = EnvoyRelease.Parse(version),
                },
                CancellationToken.None);
        }

        return all;
    }

    public void Ended(StreamRecord record) => Records.Enqueue(record);

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines.Values)
        {
            await engine.DisposeAsync();
        }
    }
}
