using System.Net;

namespace OsmExt.E2E;

/// <summary>A plugin in front of real Envoys of both versions, installed, changed and removed under traffic.</summary>
public sealed class PluginTests : IDisposable
{
    private const string Header = "x-plugin";
    private static readonly PluginSource Transform = new("OsmExt.Plugin.HeaderTransform");
    private readonly PluginsDirectory _plugins = new();

    private string Template => Path.Join(_plugins.Path, Transform.Name, "templates", "header-mutation.scriban");

    public void Dispose() => _plugins.Dispose();

    [MeshFact]
    public async Task A_template_that_is_saved_is_in_force_at_both_Envoys_and_no_request_fails()
    {
        await using var mesh = await Mesh.StartAsync(Prepare, "--plugins", _plugins.Path);
        using var client = mesh.Pod("buyer").CreateClient();
        Assert.Equal((null, null), (await HeaderAsync(client, "echo-v1"), await HeaderAsync(client, "echo-v2")));

        using var ending = new CancellationTokenSource();
        var traffic = TrafficAsync(client, ending.Token);
        _plugins.Install(Transform);
        await SeenAsync(client, "one");
        await File.WriteAllTextAsync(Template, (await File.ReadAllTextAsync(Template)).Replace("{{ header.value }}", "{{ header.value + \" more\" }}", StringComparison.Ordinal));
        await SeenAsync(client, "one more");
        await File.WriteAllTextAsync(Template, "{{ broken");
        await Wait.UntilAsync(async () => $"{await mesh.DebugAsync("plugins")}".Contains("OSM1009", StringComparison.Ordinal), "the broken version is told");
        await SeenAsync(client, "one more");
        Directory.Delete(Path.Join(_plugins.Path, Transform.Name), recursive: true);
        await SeenAsync(client, null);
        await ending.CancelAsync();

        var (sent, failed) = await traffic;
        Assert.InRange(sent, 100, int.MaxValue);
        Assert.Empty(failed);
    }

    private static Task<TimeSpan> SeenAsync(HttpClient client, string? value) => Wait.UntilAsync(
        async () => await HeaderAsync(client, "echo-v1") == value && await HeaderAsync(client, "echo-v2") == value, $"responses of both Envoys carry {value ?? "nothing"}");

    private static async Task<string?> HeaderAsync(HttpClient client, string service)
    {
        using var response = await client.GetAsync(new Uri($"http://{service}:8080/items/1"));
        return response.Headers.TryGetValues(Header, out var values) ? string.Join(',', values) : null;
    }

    private static async Task<(int Sent, List<string> Failed)> TrafficAsync(HttpClient client, CancellationToken ending)
    {
        var (sent, failed) = (0, new List<string>());
        for (; !ending.IsCancellationRequested; sent++)
        {
            try
            {
                using var response = await client.GetAsync(new Uri($"http://echo-v{1 + (sent % 2)}:8080/items/1"), CancellationToken.None);
                if (response.StatusCode != HttpStatusCode.OK)
                {
                    failed.Add($"{response.StatusCode}");
                }
            }
            catch (HttpRequestException failure)
            {
                failed.Add(failure.Message);
            }
        }

        return (sent, failed);
    }

    private static void Prepare(ManifestFolder config)
    {
        Shop.PrepareBuyer(config);
        config.Write("transform", """
            apiVersion: transform.osmext.io/v1alpha1
            kind: HeaderTransform
            metadata: {name: everywhere, namespace: shop}
            spec:
              response:
                set: [{name: x-plugin, value: one}]
            """);
    }
}
