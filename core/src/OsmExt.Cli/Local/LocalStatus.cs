using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OsmExt.LocalRuntime;

namespace OsmExt.Cli.Local;

/// <summary>
/// A running mesh's pods and processes, in a file that other programs read: <c>{name, pid, logs, pods: [...], processes: [...]}</c>.
/// It is there when the pods are.
/// </summary>
internal sealed class LocalStatus(LocalUpOptions options, LocalMesh mesh)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Whether it has been written.</summary>
    public bool IsReady { get; private set; }

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
        var document = new JsonObject
        {
            ["name"] = options.Name,
            ["pid"] = Environment.ProcessId,
            ["logs"] = options.Logs,
            ["pods"] = new JsonArray([.. pods.OrderBy(pod => pod.Pod.Key).Select(pod => (JsonNode)new JsonObject
            {
                ["namespace"] = pod.Pod.Metadata.Namespace,
                ["name"] = pod.Pod.Metadata.Name,
                ["addresses"] = new JsonArray([.. pod.Pod.Addresses.Select(address => (JsonNode)address)]),
                ["network"] = mesh.NetworkOf(pod.Pod.Key).Name,
                ["meshed"] = pod.Meshed,
            })]),
            ["processes"] = new JsonArray([.. mesh.Processes.Select(process => (JsonNode)new JsonObject
            {
                ["name"] = process.Name,
                ["pid"] = process.Pid,
                ["restarts"] = process.Restarts,
                ["last_exit"] = process.LastExit?.ToString(CultureInfo.InvariantCulture),
            })]),
        };
        var path = LocalPaths.Status(options.Name);
        File.WriteAllText($"{path}.new", document.ToJsonString(Indented) + "\n");
        File.Move($"{path}.new", path, overwrite: true);
        IsReady = true;
    }

    /// <summary>The mesh is gone.</summary>
    public void Remove() => File.Delete(LocalPaths.Status(options.Name));
}
