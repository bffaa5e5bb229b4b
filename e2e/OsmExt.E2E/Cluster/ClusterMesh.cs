using System.Globalization;
using Microsoft.Extensions.Logging;
using OsmExt.Node;
using OsmExt.Testing.ApiServer;
using OsmExt.Tests.Shared;

namespace OsmExt.E2E.Cluster;

/// <summary>
/// A cluster without Kubernetes: the test API server, and a node that runs pods as they are written. What is installed on it, and how, is up to
/// kubectl and helm. At its end nothing is left behind.
/// </summary>
internal sealed class ClusterMesh : IAsyncDisposable
{
    public const string SystemNamespace = "osm-system";

    private static int _count;

    // Not below /tmp, which is the containers' own.
    private readonly string _directory;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ILoggerFactory _loggers;
    private ApiServer? _api;
    private NodeAgent? _node;
    private ClusterDoors? _doors;
    private Task _running = Task.CompletedTask;

    private ClusterMesh()
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"k-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");
        _directory = Path.Join("/var/lib/osmext/cluster", Name);
        Directory.CreateDirectory(_directory);
        Logs = Path.Join(_directory, "logs");
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(new FileLog(Path.Join(_directory, "node.log"))));
        Tools = new(Path.Join(_directory, "kubeconfig"), Path.Join(_directory, "home"));
        Traffic = new(Logs);
    }

    public string Name { get; }

    /// <summary>Output of containers: <c>NAMESPACE.POD/CONTAINER.out.log</c>.</summary>
    public string Logs { get; }

    public ClusterTools Tools { get; }

    /// <summary>What the applications say they sent.</summary>
    public Demo.Traffic.TrafficLog Traffic { get; }

    public ApiServer Api => _api ?? throw new InvalidOperationException("The cluster is not running.");

    public static async Task<ClusterMesh> StartAsync()
    {
        var cluster = new ClusterMesh();
        try
        {
            await cluster.BeginAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Everything that was said, for a test that fails.</summary>
    public string Report()
    {
        var files = Directory.EnumerateFiles(_directory, "*.log", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
        return string.Join('\n', files.Select(file => $"== {Path.GetRelativePath(_directory, file)}\n{string.Join('\n', File.ReadLines(file).TakeLast(40))}"));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }

        if (_api is not null)
        {
            await _api.DisposeAsync();
        }

        await (_doors?.DisposeAsync() ?? default);
        _loggers.Dispose();
        _stopping.Dispose();
        Directory.Delete(_directory, recursive: true);
        Assert.Empty(Traces.Of(Name));
    }

    private async Task BeginAsync()
    {
        File.SetUnixFileMode(_directory, (UnixFileMode)Convert.ToInt32("711", 8));
        Directory.CreateDirectory(Path.Join(_directory, "home"));
        Directory.CreateDirectory(Logs);
        // Webhooks are pods of the cluster, reached as a node reaches them.
        _doors = new(PodNetwork.OfNode(Name), Logs, (ns, pod) => _node?.AddressOf(ns, pod)?.ToString());
        _api = await ApiServer.StartAsync(new() { Controllers = true, ServiceEndpoint = _doors.ServiceOf, Pods = _doors });
        var kubeconfig = Path.Join(_directory, "kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, _api.Kubeconfig());
        var options = new NodeOptions
        {
            Name = Name, Kubeconfig = kubeconfig, StateDirectory = Path.Join(_directory, "state"), LogDirectory = Logs, ImagesDirectory = await ImagesAsync(),
        };
        _node = await NodeAgent.StartAsync(options, TimeProvider.System, _loggers.CreateLogger("node"), CancellationToken.None);
        _running = Task.WhenAll(_node.RunAsync(_stopping.Token), Traffic.FollowAsync(_stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default));
    }

    // What the images of this repository hold, from what make apps built. Copies, as in images: a container sees a /tmp of its own, and the checkout may be in this one's.
    private async Task<string> ImagesAsync()
    {
        var images = Path.Join(_directory, "images");
        foreach (var app in Directory.EnumerateDirectories(Checkout.Images))
        {
            DirectoryCopy.Of(app, Path.Join(images, Path.GetFileName(app)));
        }

        DirectoryCopy.Of(Path.GetDirectoryName(Checkout.Osm)!, Path.Join(images, "osm-controller"));
        Link("osm-controller", Path.GetFileName(Checkout.Osm));
        Link("envoy", await Requirements.PathOfAsync(Requirements.Envoy));
        Directory.CreateDirectory(Path.Join(images, "osm-init"));
        Directory.CreateDirectory(Path.Join(images, "osm-controller", "plugins"));
        Directory.CreateDirectory(Path.Join(images, "osm-controller", "root", "opt", "osm"));
        Directory.CreateSymbolicLink(Path.Join(images, "osm-controller", "root", "opt", "osm", "plugins"), Path.Join(images, "osm-controller", "plugins"));
        return images;

        void Link(string image, string program)
        {
            Directory.CreateDirectory(Path.Join(images, image));
            File.CreateSymbolicLink(Path.Join(images, image, image), program);
        }
    }
}
