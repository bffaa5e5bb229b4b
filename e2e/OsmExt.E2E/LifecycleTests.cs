using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>Coming up, crashing and going down: a mesh leaves nothing behind, and a crash is cleaned up by whoever comes next.</summary>
public sealed class LifecycleTests
{
    [MeshFact]
    public async Task A_crash_is_cleaned_up_by_the_next_start_and_by_down()
    {
        await using var mesh = await Mesh.StartAsync(Prepare);

        // A second one of the same name is refused and does no harm.
        var second = await Shell.OsmAsync(
            "local", "up", "--name", mesh.Name, "--config", mesh.Config.Path, "--images", Checkout.Images, "--envoy", Requirements.Envoy);
        Assert.Equal(1, second.ExitCode);
        Assert.StartsWith("osm: ", second.Error, StringComparison.Ordinal);
        Assert.Equal(200, await mesh.Pod("buyer").StatusAsync("http://echo-v1:8080/x"));

        await mesh.KillAsync();
        Assert.NotEqual([], mesh.Remains());
        await mesh.UpAsync();
        await Wait.ForAsync(200, () => mesh.Pod("buyer").StatusAsync("http://echo-v1:8080/x"));

        await mesh.KillAsync();
        var down = await Shell.OsmAsync("local", "down", "--name", mesh.Name);
        Assert.Equal((0, $"Removed what mesh {mesh.Name} had left behind.\n"), (down.ExitCode, down.Output));
        Assert.Equal([], mesh.Remains());
        Assert.Equal(1, (await Shell.OsmAsync("local", "status", "--name", mesh.Name)).ExitCode);

        // Only the certificate authority stays, for the next time.
        Assert.Equal(["control-plane", "runtime"], Directory.GetFileSystemEntries(mesh.State).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(["lock"], Directory.GetFileSystemEntries(Path.Join(mesh.State, "runtime")).Select(Path.GetFileName));

        var again = await Shell.OsmAsync("local", "down", "--name", mesh.Name);
        Assert.Equal((0, $"Mesh {mesh.Name} left nothing behind.\n"), (again.ExitCode, again.Output));
    }

    private static void Prepare(ManifestFolder config) => config.Write("all",
        MeshConfig(permissive: true), Namespace(Shop.Namespace),
        Server(Shop.Namespace, "v1", Shop.V1, "echo"), Client(Shop.Namespace, "buyer", "10.244.1.11"),
        Service(Shop.Namespace, "echo-v1", "10.96.1.1", "version: v1", ("v1", Shop.V1)));
}
