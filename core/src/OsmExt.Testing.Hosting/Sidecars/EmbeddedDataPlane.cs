using Microsoft.Extensions.Logging;
using OsmExt.DataPlane;
using OsmExt.Envoy;
using OsmExt.Testing.Hosting.Network;

namespace OsmExt.Testing.Hosting.Sidecars;

/// <summary>Sidecars in this process.</summary>
internal sealed class EmbeddedDataPlane(MeshNetwork network, TimeProvider time, int seed, ILoggerFactory logs, string description) : IDataPlane
{
    public string Description => description;

    public bool FollowsClock => true;

    public async Task<ISidecar> StartAsync(SidecarStart start)
    {
        var pod = start.Pod;
        var proxy = await EmbeddedProxy.StartAsync(new()
        {
            Bootstrap = EnvoyJson.ToYaml(start.Bootstrap),
            HasAdmin = false,
            Time = time,
            Logs = logs,
            Hostname = pod.Name,
            Traffic = new()
            {
                Binds = false,
                EndsIdle = true,
                Dialer = pod,
                Resolve = (name, _) => Task.FromResult<System.Net.IPAddress[]>([.. network.Resolve(name, 0, pod.Namespace)]),
                Chance = new(new Random(seed)),
            },
        }).ConfigureAwait(false);
        try
        {
            await proxy.Live.WaitAsync(SidecarStart.Bound, TimeProvider.System).ConfigureAwait(false);
            return new EmbeddedSidecar(proxy);
        }
        catch (TimeoutException)
        {
            await proxy.DisposeAsync().ConfigureAwait(false);
            throw start.Late;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
