using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using OsmExt.Cli.Local.Api;
using OsmExt.DataPlane.Entry;
using OsmExt.LocalRuntime;
using OsmExt.LocalRuntime.Network;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Local;

/// <summary>
/// A running mesh's pods and processes, in a file that other programs read: 
/// <c>{name, pid, logs, data_plane, network, control_plane: {...}, api: {...}, pods: [...], processes: [...]}</c>.
/// It is there when the pods are.
/// </summary>
internal sealed class LocalStatus(LocalUpOptions options, DataPlaneChoice choice, LoopbackBlock? loopback, LocalMesh mesh, LocalApi? api)
{
    /// <summary>Where a local control plane has its health and metrics.</summary>
    public const int HttpPort = 9091;

    /// <summary>Where it has its debug pages.</summary>
    public const int DebugPort = 9092;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private LocalPod[]? _pods;
    private string _written = "";

    /// <summary>Whether the pods it is told of are all that are meant. Until it is open and was told of some it is not written.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether it was told of all of these pods.</summary>
    public bool Has(IEnumerable<ResourceKey> pods)
    {
        lock (_lock)
        {
            return pods.All(pod => Array.Exists(_pods ?? [], known => known.Pod.Key == pod));
        }
    }

    /// <summary>The pods it was told of, or is told of next, are all that are meant.</summary>
    public void Open()
    {
        lock (_lock)
        {
            IsOpen = true;
            SaveIfKnown();
        }
    }

    /// <summary>Prints it for <c>osm local status</c>.</summary>
    public static int Print(string name)
    {
        if (!File.Exists(LocalPaths.Status(name)))
        {
            Console.Error.WriteLine($"osm: no local mesh named {name} is running; start one with osm local up");
            return ExitCode.Failed;
        }

        Console.Out.Write(File.ReadAllText(LocalPaths.Status(name)));
        return ExitCode.Ok;
    }

    /// <summary>Writes it anew.</summary>
    public void Write(IEnumerable<LocalPod> pods)
    {
        lock (_lock)
        {
            _pods = [.. pods.OrderBy(pod => pod.Pod.Key)];
            SaveIfKnown();
        }
    }

    /// <summary>Keeps it true while processes end and are started again by themselves.</summary>
    public async Task RefreshAsync(TimeProvider time, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(RefreshInterval, time);
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            lock (_lock)
            {
                SaveIfKnown();
            }
        }
    }

    /// <summary>The mesh is gone. A refresh that still runs does not bring the file back.</summary>
    public void Remove()
    {
        lock (_lock)
        {
            (_written, IsOpen, _pods) = ("", false, null);
            File.Delete(LocalPaths.Status(options.Name));
        }
    }

    private JsonNode Describe(LocalPod pod)
    {
        var document = new JsonObject
        {
            ["namespace"] = pod.Pod.Metadata.Namespace,
            ["name"] = pod.Pod.Metadata.Name,
            ["addresses"] = new JsonArray([.. pod.Pod.Addresses.Select(address => (JsonNode)address)]),
            ["meshed"] = pod.Meshed,
        };
        if (loopback is null)
        {
            document["network"] = mesh.NetworkOf(pod.Pod.Key).Name;
        }
        else if (mesh.PlaceOf(pod.Pod.Key) is { } place)
        {
            document["entry"] = $"{place.At}:{LoopbackNetwork.EntryPort}";
            document["application"] = $"{place.Application}";
            document["admin"] = pod.Meshed ? $"http://{place.At}:{LoopbackNetwork.AdminPort}" : null;
        }

        return document;
    }

    private void SaveIfKnown()
    {
        if (IsOpen && _pods is { } pods)
        {
            Save(pods);
        }
    }

    private void Save(LocalPod[] pods)
    {
        var document = new JsonObject
        {
            ["name"] = options.Name,
            ["pid"] = Environment.ProcessId,
            ["logs"] = options.Logs,
            ["data_plane"] = choice.DataPlane,
            ["data_plane_why"] = choice.WhyDataPlane,
            ["network"] = choice.Network,
            ["network_why"] = choice.WhyNetwork,
            ["control_plane"] = new JsonObject
            {
                ["http"] = $"http://{loopback?.Node ?? IPAddress.Loopback}:{HttpPort}",
                ["debug"] = $"http://{loopback?.Node ?? IPAddress.Loopback}:{DebugPort}",
                // Where those are: in the node's network namespace, or on this machine.
                ["network"] = loopback is null ? PodNetwork.OfNode(options.Name).Name : null,
                ["entry"] = loopback is null ? null : $"{loopback.Node}:{LoopbackNetwork.EntryPort}",
            },
            ["api"] = api is null ? null : new JsonObject
            {
                ["address"] = api.Address.GetLeftPart(UriPartial.Authority),
                ["kubeconfig"] = api.Kubeconfig,
                ["rounds"] = api.Manifests.Rounds,
                ["problems"] = new JsonArray([.. api.Manifests.Problems.Select(problem => (JsonNode)problem)]),
            },
            ["pods"] = new JsonArray([.. pods.Select(Describe)]),
            ["processes"] = new JsonArray([.. mesh.Processes.Select(process => (JsonNode)new JsonObject
            {
                ["name"] = process.Name,
                ["pid"] = process.Pid,
                ["restarts"] = process.Restarts,
                ["last_exit"] = process.LastExit?.ToString(CultureInfo.InvariantCulture),
            })]),
        };
        var text = document.ToJsonString(Indented) + "\n";
        if (!string.Equals(text, _written, StringComparison.Ordinal))
        {
            var path = LocalPaths.Status(options.Name);
            File.WriteAllText($"{path}.new", text);
            File.Move($"{path}.new", path, overwrite: true);
            _written = text;
        }
    }
}
