using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using OsmExt.Simulation;
using OsmExt.Simulation.Tests.Agreement;

namespace OsmExt.DataPlane.Tests.Agreement;

/// <summary>The same listeners and clusters in a real Envoy and in the traffic engine.</summary>
internal sealed class BothDataPlanes : IAsyncDisposable
{
    private readonly RunningEnvoy _envoy;
    private readonly EngineUnderTest _engine;

    private BothDataPlanes(RunningEnvoy envoy, EngineUnderTest engine) => (_envoy, _engine) = (envoy, engine);

    public static async Task<BothDataPlanes> StartAsync(string version, Listener[] listeners, Cluster[] clusters, PeerCertificate? own = null)
    {
        var path = Envoys.Find(version).Path;
        Assert.NotNull(path);
        return new(await RunningEnvoy.StartAsync(path, AgreementListeners.Bootstrap(listeners, clusters)), await EngineUnderTest.StartAsync(listeners, version, own, clusters));
    }

    /// <summary>What comes of the same thing done at a listener of each.</summary>
    public async Task<(T Envoy, T Here)> AskAsync<T>(string listener, Func<int, Task<T>> ask)
        => (await ask(_envoy.Ports[listener]), await ask(_engine.Ports[listener]));

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _envoy.DisposeAsync();
    }
}
