using System.Globalization;
using OsmExt.DataPlane.Bootstraps;
using OsmExt.Envoy;
using OsmExt.LocalRuntime.Envoy;
using OsmExt.Testing.Hosting.Network;

namespace OsmExt.Testing.Hosting.Sidecars.Envoys;

/// <summary>Envoys, each a process that the test starts: no root, no namespaces, no ports.</summary>
internal sealed class EnvoyDataPlane(EnvoySearchResult envoy, DirectoryInfo folder, DiscoveryRelay relay, MeshNetwork network, TimeProvider time) : IDataPlane
{
    private readonly Passages _passages = new(time);
    private int _started;

    public string Description => $"{envoy}";

    public bool FollowsClock => false;

    public async Task<ISidecar> StartAsync(SidecarStart start)
    {
        var (bootstrap, problems) = BootstrapReader.Read(EnvoyJson.ToYaml(start.Bootstrap));
        if (bootstrap is null)
        {
            throw new InvalidOperationException($"The bootstrap cannot be used: {string.Join(", ", problems)}");
        }

        // A short name, as sockets' paths must be.
        var name = string.Create(CultureInfo.InvariantCulture, $"e{Interlocked.Increment(ref _started)}");
        var own = folder.CreateSubdirectory(name).FullName;
        var at = new SocketFolder(own);
        var exits = new Exits(at, start.Pod, network, _passages);
        var places = new SocketPlaces(at, exits.To);
        var sidecar = new EnvoySidecar(start.Pod.Name, at, exits, _passages, () => relay.Forget(name));
        try
        {
            var header = relay.Expect(name, bootstrap.ControlPlane, response => sidecar.Change(response, places.Of));
            var file = Path.Join(own, "envoy.yaml");
            await File.WriteAllTextAsync(file, EnvoyJson.ToYaml(places.Of(start.Bootstrap, relay.Socket, header))).ConfigureAwait(false);
            // Whoever is no longer let in is gone within a second, requests under way included; then a change counts as in force.
            string[] arguments = ["-c", file, "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning", "--drain-time-s", "1", "--drain-strategy", "immediate"];
            await sidecar.RunAsync(EnvoyProcess.Start(envoy.Path!, arguments, Path.Join(own, "log"), own), SidecarStart.Bound).ConfigureAwait(false);
            return sidecar;
        }
        catch (TimeoutException)
        {
            await sidecar.DisposeAsync().ConfigureAwait(false);
            throw start.Late;
        }
        catch
        {
            await sidecar.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public ValueTask DisposeAsync() => relay.DisposeAsync();
}
