using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OsmExt.LocalRuntime;
using OsmExt.LocalRuntime.State;

namespace OsmExt.Cli.Local;

/// <summary>A running local mesh, as other commands see it: its status file and its control plane's debug pages.</summary>
internal sealed class LocalMeshView
{
    private const int AdminPort = 15000;
    private readonly string _name;
    private readonly JsonNode _status;

    private LocalMeshView(string name, JsonNode status) => (_name, _status) = (name, status);

    /// <summary>Its name.</summary>
    public string Name => _name;

    /// <summary>The directory of its processes' logs.</summary>
    public string Logs => _status["logs"]!.GetValue<string>();

    /// <summary>How many sidecars it has.</summary>
    public int Sidecars => Meshed.Count();

    /// <summary>How often manifests have been brought to its API server, and what of them could not be; never and nothing where it has none.</summary>
    public (int Rounds, IReadOnlyList<string> Problems) Brought => Read(_name)?["api"] is { } api
        ? (api["rounds"]!.GetValue<int>(), [.. api["problems"]!.AsArray().Select(problem => $"{problem}")]) : (0, []);

    /// <summary>How its API server is reached; null where it has none.</summary>
    public string? Kubeconfig => (string?)_status["api"]?["kubeconfig"];

    private bool HasNamespaces => _status["network"]!.GetValue<string>() == DataPlaneWish.Namespaces;

    private IEnumerable<string> Meshed
        => _status["pods"]!.AsArray().Where(pod => pod!["meshed"]!.GetValue<bool>()).Select(pod => $"{pod!["namespace"]}/{pod["name"]}");

    /// <summary>The mesh of a name; null when none runs.</summary>
    public static LocalMeshView? Find(string name)
        => RunState.Load(LocalPaths.Runtime(name))?.Owner is { IsRunning: true } && Read(name) is { } status ? new(name, status) : null;

    /// <summary>A client of the control plane's debug port. Whoever asks disposes of it.</summary>
    public HttpClient CreateDebugClient()
    {
        var client = HasNamespaces ? PodNetwork.OfNode(_name).CreateClient() : new(new SocketsHttpHandler { UseProxy = false });
        client.BaseAddress = new($"{_status["control_plane"]!["debug"]}");
        return client;
    }

    /// <summary>A client of the admin endpoint of a pod's sidecar. Whoever asks disposes of it.</summary>
    /// <exception cref="CommandException">The pod has none.</exception>
    public HttpClient CreateAdminClient(string pod)
    {
        var found = _status["pods"]!.AsArray().FirstOrDefault(each => $"{each!["namespace"]}/{each["name"]}" == pod);
        if (found is null || !found["meshed"]!.GetValue<bool>())
        {
            throw new CommandException($"{(found is null ? $"there is no pod {pod}" : $"pod {pod} has no sidecar")} in the local mesh {_name}; osm local status lists its pods", ExitCode.UnusableInput);
        }

        var client = HasNamespaces ? PodNetwork.OfPod(_name, $"{found["namespace"]}", $"{found["name"]}").CreateClient() : new(new SocketsHttpHandler { UseProxy = false });
        client.BaseAddress = new((string?)found["admin"] ?? $"http://127.0.0.1:{AdminPort}");
        return client;
    }

    /// <summary>Whether every sidecar it has started is connected and has all that its objects mean for it now.</summary>
    public async Task<bool> IsInForceAsync(CancellationToken cancellation)
    {
        using var client = CreateDebugClient();
        var receipt = (await client.GetFromJsonAsync<JsonNode>("debug/receipts/newest", cancellation).ConfigureAwait(false))!;
        return Meshed.ToHashSet(StringComparer.Ordinal).IsSubsetOf(receipt["has"]!.AsArray().Select(name => $"{name}"));
    }

    private static JsonNode? Read(string name)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(LocalPaths.Status(name)));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
