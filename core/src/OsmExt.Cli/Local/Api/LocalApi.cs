using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using OsmExt.Cli.Clusters;
using OsmExt.ControlPlane.OnCluster;
using OsmExt.Identity;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Kubernetes.Views;
using OsmExt.LocalRuntime;
using OsmExt.LocalRuntime.Network;
using OsmExt.PluginHost;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.ApiServer;

namespace OsmExt.Cli.Local.Api;

/// <summary>
/// A Kubernetes API server for a local mesh: its objects can be read and changed with kubectl while it runs. The control plane beside it reads them as it reads a cluster's, and
/// knows no more of this server than of any other. Objects live as long as the mesh.
/// </summary>
internal sealed class LocalApi : IAsyncDisposable
{
    private readonly LocalUpOptions _options;
    private readonly TimeProvider _time;
    private readonly PluginSet _plugins;
    private readonly LocalDoors _doors;
    private readonly ApiServer _server;
    private readonly ClusterSession _session;
    private readonly ClusterClient _client;

    private LocalApi(LocalUpOptions options, TimeProvider time, PluginSet plugins, LocalDoors doors, ApiServer server, ClusterConnection connection)
    {
        (_options, _time, _plugins, _doors, _server) = (options, time, plugins, doors, server);
        _session = new(connection, connection.CreateClient(), options.Compiler.OsmNamespace);
        _client = new(connection.CreateClient(), time);
        Manifests = new(_session, options.Sources, time);
        Pods = new(new(_session), Manifests.AddressesOf, doors.NodeAddress, time);
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => _server.Address;

    /// <summary>The file by which kubectl finds it.</summary>
    public string Kubeconfig => LocalPaths.Kubeconfig(_options.Name);

    /// <summary>Brings the mesh's manifests to it.</summary>
    public ManifestFeed Manifests { get; }

    /// <summary>Tells it what becomes of pods.</summary>
    public PodReports Pods { get; }

    /// <summary>The objects, for whoever runs the pods.</summary>
    public IResourceSource Source => new ClusterSource(_client, new() { Kinds = () => new PluginKinds(_plugins.Kinds, secrets: false) }, _time, new(Environment.ProcessId));

    /// <summary>What the control plane is told.</summary>
    public IEnumerable<string> ControlPlaneArguments =>
    [
        "--kubernetes", "--kubeconfig", Kubeconfig, "--webhook-address", $"{_doors.Webhooks}", "--drain-delay", "0:00:00",
    ];

    /// <summary>Changes whenever it is another root that does something.</summary>
    public string RootsVersion => $"{_server.Store.State.Find(new("", "configmaps"), new(_options.Compiler.OsmNamespace, ClusterRoots.StateName))?.Revision}";

    /// <summary>Starts it, with the kinds that the mesh reads.</summary>
    public static async Task<LocalApi> StartAsync(LocalUpOptions options, LoopbackBlock? loopback, TimeProvider time, CancellationToken cancellation)
    {
        var doors = new LocalDoors(options.Name, options.Logs, loopback);
        var server = await ApiServer.StartAsync(
            new() { Name = $"osm-local-{options.Name}", Seed = RandomNumberGenerator.GetInt32(int.MaxValue), Controllers = true, Pods = doors, ServiceEndpoint = doors.ServiceOf }, cancellation).ConfigureAwait(false);
        LocalApi? api = null;
        try
        {
            Directory.CreateDirectory(LocalPaths.Root(options.Name));
            ProxyCredentials.WriteText(LocalPaths.Kubeconfig(options.Name), server.Kubeconfig());
            var connection = await ClusterConnection.FindAsync(new() { Kubeconfig = LocalPaths.Kubeconfig(options.Name) }, cancellation).ConfigureAwait(false);
            var plugins = options.Plugins is { } directory ? PluginSet.Load(directory, options.PluginPolicy, time) : PluginSet.Empty;
            api = new(options, time, plugins, doors, server, connection);
            await new LocalObjects(new(api._session), options.Compiler, plugins).CreateAsync(cancellation).ConfigureAwait(false);
            return api;
        }
        catch
        {
            if (api is not null)
            {
                await api.DisposeAsync().ConfigureAwait(false);
            }
            else
            {
                await server.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    /// <summary>The mesh's roots, which are kept in it as in a cluster.</summary>
    public MeshRoots OpenRoots() => MeshRoots.Open(
        new ClusterRoots(_client, new() { Connection = _session.Connection, Replica = "osm-local" }, _options.Compiler, _time, NullLogger<ClusterRoots>.Instance), _options.Compiler.TrustDomain, _time);

    /// <summary>Lets the mesh's network in, once that is there.</summary>
    public Task AdmitAsync(LocalMesh mesh) => _doors.OpenAsync(mesh, Address);

    /// <summary>Waits until the control plane answers what the server asks it.</summary>
    public Task WaitForWebhooksAsync(CancellationToken cancellation) => new LocalObjects(new(_session), _options.Compiler, _plugins).WaitAsync(_time, cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        File.Delete(Kubeconfig);
        await _doors.DisposeAsync().ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
        _client.Dispose();
        _session.Dispose();
        _plugins.DisposeExcept(PluginSet.Empty);
    }
}
