using System.Diagnostics;
using System.Net;

namespace OsmExt.Testing.Hosting.Tests;

/// <summary>Meshes whose sidecars are real Envoys: what is theirs alone, and what is left of them.</summary>
public class EnvoyMeshTests
{
    [Theory, MemberData(nameof(DataPlanes.All), MemberType = typeof(DataPlanes))]
    public async Task Names_and_addresses_of_the_mesh_are_what_both_sides_see(string plane)
    {
        await using var mesh = await Shop.StartOnAsync(plane, Shop.Permissive);
        mesh.RunStandIns();

        using var request = new HttpRequestMessage(HttpMethod.Get, "http://store.shop.svc.cluster.local/x?y=1") { Headers = { { "x-forwarded-client-cert", "URI=spiffe://liar" } } };
        using var answer = await mesh.Pod("web").Http.SendAsync(request);
        var said = await answer.Content.ReadAsStringAsync();
        Assert.Contains("\"host\":\"store.shop.svc.cluster.local\"", said, StringComparison.Ordinal);
        Assert.Contains("\"path\":\"/x?y=1\"", said, StringComparison.Ordinal);
        Assert.Contains("x-request-id", said, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("liar", said, StringComparison.Ordinal);
        Assert.Matches("(?i)\"x-forwarded-client-cert\":\"[^\"]*URI=spiffe://[^\"]*/web", said);
        using var certificate = await mesh.Pod("web").CertificateAsync();
        Assert.Contains("web.shop", certificate!.Subject, StringComparison.Ordinal);
    }

    [EnvoyFact]
    public async Task Nothing_is_left_of_envoys()
    {
        var mesh = await Shop.StartOnAsync(DataPlanes.Envoys[^1]);
        int[] running;
        await using (mesh)
        {
            mesh.RunStandIns();
            await mesh.Pod("web").ShouldReach("http://store/books");
            running = Running(mesh.Folder);
            Assert.Contains("Envoy", mesh.DataPlane, StringComparison.Ordinal);
            Assert.NotEmpty(running);
        }

        Assert.Empty(Running(mesh.Folder));
        Assert.False(Directory.Exists(mesh.Folder));
    }

    [EnvoyFact]
    public async Task An_envoy_that_ends_by_itself_is_named_with_what_it_said()
    {
        await using var mesh = await Shop.StartOnAsync(DataPlanes.Envoys[^1]);
        mesh.RunStandIns();
        await mesh.Pod("web").ShouldReach("http://store/books");

        foreach (var number in Running(mesh.Folder))
        {
            using var process = Process.GetProcessById(number);
            process.Kill();
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        }

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => mesh.DeleteAsync("TrafficTarget", "shop", "store"));
        Assert.Contains("The Envoy of shop/", failure.Message, StringComparison.Ordinal);
        Assert.Contains("has ended by itself", failure.Message, StringComparison.Ordinal);
    }

    [EnvoyFact]
    public async Task Meshes_of_envoys_beside_each_other_do_not_see_each_other()
        => await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(async () =>
        {
            await using var mesh = await Shop.StartOnAsync(DataPlanes.Envoys[^1]);
            mesh.RunHandler("store", new Says($"{number}"));
            Assert.Equal($"{number}", await mesh.Pod("web").Http.GetStringAsync(new Uri("http://store/books")));
            await mesh.DeleteAsync("TrafficTarget", "shop", "store");
            await mesh.Pod("web").ShouldBeDenied("http://store/books");
        })));

    [EnvoyFact]
    public async Task Envoys_are_taken_where_there_is_one_and_go_by_the_machines_clock()
    {
        var path = TestedEnvoys.Envoys.Find(DataPlanes.Envoys[^1]).Path;
        await using (var mesh = await MeshHost.StartAsync(new() { DataPlane = MeshDataPlane.Auto, EnvoyPath = path }))
        {
            Assert.Contains(path!, mesh.DataPlane, StringComparison.Ordinal);
            await Assert.ThrowsAsync<InvalidOperationException>(() => mesh.AdvanceAsync(TimeSpan.FromHours(1)));
        }

        await using var standing = await MeshHost.StartAsync(new() { DataPlane = MeshDataPlane.Auto, StandingClock = true });
        Assert.Equal("embedded, because the clock is to stand", standing.DataPlane);
        await Assert.ThrowsAsync<ArgumentException>(() => MeshHost.StartAsync(new() { DataPlane = MeshDataPlane.Envoy, StandingClock = true }));
    }

    [Fact]
    public async Task Without_an_envoy_it_is_said_what_to_do()
    {
        foreach (var wrong in new[] { "/nowhere/envoy", "/bin/true" })
        {
            var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => MeshHost.StartAsync(new() { DataPlane = MeshDataPlane.Envoy, EnvoyPath = wrong }));
            Assert.Contains(wrong, failure.Message, StringComparison.Ordinal);
            Assert.Contains("OSM_ENVOY", failure.Message, StringComparison.Ordinal);
            Assert.Contains("Embedded or Auto", failure.Message, StringComparison.Ordinal);
        }
    }

    // Processes that were started with the folder's files.
    private static int[] Running(string folder)
        => [.. Directory.EnumerateDirectories("/proc").Select(path => int.TryParse(Path.GetFileName(path), out var number) ? number : 0)
            .Where(number => number > 0 && CommandLine(number).Contains(folder, StringComparison.Ordinal))];

    private static string CommandLine(int number)
    {
        try
        {
            return File.ReadAllText($"/proc/{number}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private sealed class Says(string text) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(text) });
    }
}
