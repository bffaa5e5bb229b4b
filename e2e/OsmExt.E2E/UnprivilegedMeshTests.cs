using System.Net;
using System.Text.Json.Nodes;
using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>
/// A mesh of a user without any privilege, from being brought up in the background to its end: what is tried first on a developer's machine. Where the tests run as root, that
/// user is nobody.
/// </summary>
public sealed class UnprivilegedMeshTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("osm-e2e-nobody-").FullName;
    private readonly string _name = $"nobody-{Environment.ProcessId}";
    private readonly UnprivilegedUser _user;

    public UnprivilegedMeshTests() => _user = new(_directory);

    [OsmFact]
    public async Task Up_in_the_background_changed_and_down_again()
    {
        var config = new ManifestFolder(Path.Join(_directory, "config"));
        config.Write("all",
            MeshConfig(permissive: false), Namespace(Shop.Namespace), Server(Shop.Namespace, "v1", Shop.V1, "echo"),
            Client(Shop.Namespace, "buyer", "10.244.1.11"), Client(Shop.Namespace, "thief", "10.244.1.12"),
            Service(Shop.Namespace, "echo-v1", "10.96.1.1", "version: v1", ("v1", Shop.V1)), Shop.Routes, Allow("buyer"));
        var change = new ManifestFolder(Path.Join(_directory, "change"));
        change.Write("thief", Allow("thief"));
        await _user.GiveDirectoryAsync();

        var up = await _user.OsmAsync("local", "up", "--detach", "--name", _name, "--config", config.Path, "--images", Checkout.Images, "--logs", Path.Join(_directory, "logs"),
            "--data-plane", "embedded", "--network", "loopback");
        try
        {
            Assert.True(up.ExitCode == 0, up.ToString());
            Assert.Contains($"Mesh {_name} is up with 3 sidecars", up.Output, StringComparison.Ordinal);
            var status = await StatusAsync();
            Assert.All(Processes(status), process => Assert.Equal(UnprivilegedUser.Id, UnprivilegedUser.Of(process)));

            using var buyer = ClientOf(status, "buyer");
            using var thief = ClientOf(status, "thief");
            await Wait.ForAsync(HttpStatusCode.OK, () => AskAsync(buyer));
            Assert.NotEqual(HttpStatusCode.OK, await AskAsync(thief));

            // When it returns, the change is in force.
            var applied = await _user.OsmAsync("local", "apply", change.Path, "--name", _name);
            Assert.True(applied.ExitCode == 0, applied.ToString());
            Assert.Equal(HttpStatusCode.OK, await AskAsync(thief));

            var again = await _user.OsmAsync("local", "up", "--detach", "--name", _name, "--config", config.Path, "--images", Checkout.Images);
            Assert.Contains("running already", again.Error, StringComparison.Ordinal);

            var down = await _user.OsmAsync("local", "down", "--name", _name);
            Assert.True(down.ExitCode == 0, down.ToString());
            Assert.All(Processes(status), process => Assert.False(Directory.Exists($"/proc/{process}"), $"process {process} is still there"));
        }
        finally
        {
            await _user.OsmAsync("local", "down", "--name", _name);
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static string Allow(string source) => Target(Shop.Namespace, source, "v1", [source], Shop.HttpRule);

    private async Task<JsonNode> StatusAsync()
    {
        var status = await _user.OsmAsync("local", "status", "--name", _name);
        Assert.True(status.ExitCode == 0, status.ToString());
        return JsonNode.Parse(status.Output)!;
    }

    private static int[] Processes(JsonNode status) => [.. status["processes"]!.AsArray().Select(process => process!["pid"]!.GetValue<int>())];

    private static HttpClient ClientOf(JsonNode status, string pod)
        => new(new SocketsHttpHandler { Proxy = new WebProxy($"http://{status["pods"]!.AsArray().Single(found => $"{found!["name"]}" == pod)!["entry"]}"), UseProxy = true });

    private static async Task<HttpStatusCode> AskAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(new Uri("http://echo-v1:8080/items/x"));
        return answer.StatusCode;
    }
}
