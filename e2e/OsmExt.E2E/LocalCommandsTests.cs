using System.Text.Json.Nodes;
using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>Commands about running meshes, on a local one: its control plane and its Envoys are in networks of their own.</summary>
public sealed class LocalCommandsTests
{
    [MeshFact]
    public async Task Sidecars_are_listed_asked_and_told_and_objects_have_their_status()
    {
        await using var mesh = await Mesh.StartAsync(config => config.Write("all",
            MeshConfig(permissive: true), Namespace(Shop.Namespace),
            Server(Shop.Namespace, "v1", Shop.V1, "echo"), Client(Shop.Namespace, "buyer", "10.244.1.11"),
            Service(Shop.Namespace, "echo-v1", "10.96.1.1", "version: v1", ("v1", Shop.V1))));

        var list = JsonNode.Parse(await SayAsync("proxy", "list", "-o", "json"))!.AsArray();
        Assert.Equal(["shop/buyer yes", "shop/v1 yes"], list.Select(row => $"{row!["proxy"]} {((bool)row["inSync"]! ? "yes" : "no")}"));
        var detail = await SayAsync("proxy", "status", "shop/buyer");
        Assert.Contains("shop/buyer: Envoy ", detail, StringComparison.Ordinal);
        Assert.Contains("Listener", detail, StringComparison.Ordinal);

        Assert.Equal("LIVE\n", await SayAsync("proxy", "get", "ready", "shop/buyer"));
        Assert.Contains("\"dynamic_listeners\"", await SayAsync("proxy", "get", "config_dump", "buyer", "-n", "shop"), StringComparison.Ordinal);
        Assert.Contains("admin: debug", await SayAsync("proxy", "set", "logging?admin=debug", "shop/buyer"), StringComparison.Ordinal);

        Assert.Contains("Step: settled", await SayAsync("certificate", "status"), StringComparison.Ordinal);
        Assert.StartsWith("OBJECT", await SayAsync("status"), StringComparison.Ordinal);

        var absent = await Shell.OsmAsync("proxy", "get", "ready", "shop/nobody", "--local", mesh.Name);
        Assert.Equal((2, $"osm: there is no pod shop/nobody in the local mesh {mesh.Name}; osm local status lists its pods\n"), (absent.ExitCode, absent.Error));

        async Task<string> SayAsync(params string[] arguments)
        {
            var run = await Shell.OsmAsync([.. arguments, "--local", mesh.Name]);
            Assert.True(run is { ExitCode: 0, Error: "" }, run.ToString());
            return run.Output;
        }
    }
}
