using Microsoft.Extensions.Logging.Abstractions;
using OsmExt.LocalRuntime.Network;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.LocalRuntime.Tests;

/// <summary>A mesh for a test, which checks at its end that nothing of it remained.</summary>
internal sealed class TestMesh : IAsyncDisposable
{
    private static int _count;

    private readonly TemporaryDirectory _directory;
    private readonly string[] _links;
    private readonly LocalMesh _mesh;

    private TestMesh(string name, TemporaryDirectory directory, string[] links, LocalMesh mesh)
    {
        Name = name;
        _directory = directory;
        _links = links;
        _mesh = mesh;
    }

    public string Name { get; }

    public LocalMesh Mesh => _mesh;

    public string State => Path.Join(_directory.Path, "state");

    public static string NextName() => $"t{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";

    public static async Task<TestMesh> StartAsync(Func<LocalMeshOptions, LocalMeshOptions>? change = null)
    {
        var name = NextName();
        var directory = new TemporaryDirectory();
        var links = Links();
        var options = Options(name, directory.Path);
        var mesh = await LocalMesh.StartAsync(change?.Invoke(options) ?? options, TimeProvider.System, NullLogger.Instance, default);
        return new(name, directory, links, mesh);
    }

    public static LocalMeshOptions Options(string name, string directory) => new()
    {
        Name = name,
        StateDirectory = Path.Join(directory, "state"),
        LogDirectory = Path.Join(directory, "logs"),
        ImagesDirectory = Path.Join(directory, "images"),
        WriteBootstrap = (_, _) => throw new InvalidOperationException("No pod of this test is meshed."),
    };

    public PodNetwork Network(string ns, string pod) => PodNetwork.OfPod(Name, ns, pod);

    public Task<IReadOnlyList<Diagnostic>> ApplyAsync(
        IEnumerable<Pod> pods, IEnumerable<Service>? services = null, IEnumerable<EndpointSlice>? endpoints = null)
        => _mesh.ApplyAsync([.. pods.Select(pod => new LocalPod(pod, Meshed: false))], [.. services ?? []], [.. endpoints ?? []], default);

    public string Log(string name)
    {
        var path = Path.Join(_directory.Path, "logs", $"{name}.log");
        return File.Exists(path) ? File.ReadAllText(path) : "";
    }

    public int Pid(string process) => _mesh.Processes.Single(status => status.Name == process).Pid;

    public async ValueTask DisposeAsync()
    {
        await _mesh.DisposeAsync();
        Assert.Equal([], Left(Name));
        Assert.Equal(_links, Links());
        Assert.Equal(["lock"], Directory.GetFileSystemEntries(State).Select(Path.GetFileName));
        _directory.Dispose();
    }

    /// <summary>What there is of a mesh on the machine.</summary>
    public static string[] Left(string mesh) =>
    [
        .. new[] { NetworkNamespaces.Directory, NetworkNamespaces.FilesDirectory }
            .Where(Directory.Exists)
            .SelectMany(Directory.GetFileSystemEntries)
            .Where(entry => (Path.GetFileName(entry) + ".").StartsWith($"osm.{mesh}.", StringComparison.Ordinal)),
    ];

    // Other programs of the machine come and go; these are the names ours have, which belong inside namespaces.
    private static string[] Links() =>
    [
        .. Directory.GetFileSystemEntries("/sys/class/net")
            .Select(Path.GetFileName)
            .OfType<string>()
            .Where(name => name == NetworkNames.Bridge || name.StartsWith("pod", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];
}
