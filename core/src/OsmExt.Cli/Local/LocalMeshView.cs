using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OsmExt.LocalRuntime;
using OsmExt.LocalRuntime.State;

namespace OsmExt.Cli.Local;

/// <summary>A running local mesh, as other commands see it: its status file and its control plane's debug pages.</summary>
internal sealed class LocalMeshView : IDisposable
{
    private const int AdminPort = 15000;
    private readonly string _name;
    private readonly HttpClient _client;
    private JsonNode _status;

    private LocalMeshView(string name, JsonNode status)
    {
        (_name, _status) = (name, status);
        _client = CreateDebugClient();
        _client.BaseAddress = new(_client.BaseAddress!, "/debug/");
    }

    /// <summary>Its name.</summary>
    public string Name => _name;

    /// <summary>The directory of its processes' logs.</summary>
    public string Logs => _status["logs"]!.GetValue<string>();

    /// <summary>How many sidecars it has.</summary>
    public int Sidecars => Meshed.Count();

    /// <summary>How often manifests have been brought to its API server, and what of them could not be; never and nothing where it has none.</summary>
    public (int Rounds, IReadOnlyList<string> Problems) Brought => Read(_name)?["api"] is { } api
        ? (api["rounds"]!.GetValue<int>(), [.. api["problems"]!.AsArray().Select(problem => $"{problem}")]) : (0, []);

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

    /// <summary>How far the control plane has read its manifests, and whether all connected sidecars have acknowledged what was made of them.</summary>
    public async Task<(long Revision, bool IsAcknowledged)> RevisionAsync(CancellationToken cancellation)
    {
        var page = (await _client.GetFromJsonAsync<JsonNode>("revision", cancellation).ConfigureAwait(false))!;
        return (page["revision"]!.GetValue<long>(), page["acknowledged"]!.GetValue<bool>());
    }

    /// <summary>The sidecars that do not have everything that is meant for them, and why, as far as is known.</summary>
    public async Task<IReadOnlyList<string>> WaitingAsync(CancellationToken cancellation)
    {
        _status = Read(_name) ?? _status;
        var connected = (await _client.GetFromJsonAsync<JsonArray>("proxies", cancellation).ConfigureAwait(false))!
            .ToLookup(proxy => proxy!["proxy"]!.GetValue<string>(), StringComparer.Ordinal);
        return [.. Meshed.Select(pod => Waiting(pod, [.. connected[pod]])).OfType<string>()];
    }

    /// <summary>What is wrong with the mesh's objects.</summary>
    public async Task<IReadOnlyList<(string Object, string Text, bool IsError)>> DiagnosticsAsync(CancellationToken cancellation)
        => [.. (await _client.GetFromJsonAsync<JsonArray>("diagnostics", cancellation).ConfigureAwait(false))!.Select(finding => (
            $"{finding!["object"]}",
            string.Create(CultureInfo.InvariantCulture, $"{finding["severity"]} {finding["code"]} {finding["object"]} {finding["field"]}: {finding["message"]}. {finding["advice"]}."),
            $"{finding["severity"]}" == "error"))];

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static string? Waiting(string pod, JsonNode?[] streams) => streams switch
    {
        [] => $"The sidecar of {pod} is not connected.",
        _ when streams.Any(stream => stream!["rejected"]!.GetValue<int>() > 0) => $"The sidecar of {pod} refused something; osm status tells what, for which object.",
        _ when streams.Any(stream => !stream!["in_sync"]!.GetValue<bool>()) => $"The sidecar of {pod} has not acknowledged everything.",
        _ => null,
    };

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
