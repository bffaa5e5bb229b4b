using System.Text.Json;
using OsmExt.LocalRuntime.Processes;

namespace OsmExt.LocalRuntime.State;

/// <summary>
/// What a run of a mesh made on this machine, on disk, so that the next one can clean up after a crash: everything is written
/// down before it is made (processes right after), and nothing that is not written down is ever touched.
/// </summary>
/// <param name="Mesh">The mesh's name.</param>
/// <param name="Boot">The machine's boot id: process stamps mean nothing after a restart.</param>
/// <param name="Owner">The process that runs the mesh.</param>
internal sealed record RunState(string Mesh, string Boot, ProcessStamp Owner)
{
    public const string FileName = "state.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Network namespaces, with their files.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Processes, each the leader of its own group.</summary>
    public IReadOnlyList<ProcessStamp> Processes { get; init; } = [];

    /// <summary>Whether the run made the directory of namespaces' files.</summary>
    public bool MadeFilesDirectory { get; init; }

    /// <summary>The state in a directory; null when there is none.</summary>
    public static RunState? Load(string directory)
    {
        var path = Path.Join(directory, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<RunState>(File.ReadAllText(path), Json) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException e)
        {
            throw new IOException($"'{path}' cannot be read ({e.Message}) Compare it with 'ip netns list', remove what is left of the mesh, then the file.", e);
        }
    }

    /// <summary>Writes the state so that a reader sees the old or the new one.</summary>
    public void Save(string directory)
    {
        var path = Path.Join(directory, FileName);
        var next = path + ".new";
        File.WriteAllText(next, JsonSerializer.Serialize(this, Json));
        File.Move(next, path, overwrite: true);
    }

    /// <summary>Which start of the machine this is. Elsewhere than on Linux process stamps tell that themselves.</summary>
    public static string CurrentBoot() => OperatingSystem.IsLinux() ? File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim() : "";
}
