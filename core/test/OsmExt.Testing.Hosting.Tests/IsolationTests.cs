using System.Net.NetworkInformation;
using System.Runtime.CompilerServices;

namespace OsmExt.Testing.Hosting.Tests;

/// <summary>Meshes beside each other, and what is left of them.</summary>
public class IsolationTests
{
    [Fact]
    public async Task Twenty_meshes_at_once_do_not_see_each_other()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Task.Run(async () =>
        {
            await using var mesh = await Shop.StartAsync();
            mesh.RunHandler("store", new Says($"{number}"));
            using (var answer = await mesh.Pod("web").GetAsync("http://store/books"))
            {
                Assert.Equal($"{number}", await answer.Content.ReadAsStringAsync());
            }

            await mesh.DeleteAsync("TrafficTarget", "shop", "store");
            await mesh.Pod("web").ShouldBeDenied("http://store/books");
        })));
    }

    [Fact]
    public async Task Nothing_is_left_of_a_mesh()
    {
        var (mesh, folder, port) = await LivedAsync();

        Assert.False(Directory.Exists(folder));
        Assert.DoesNotContain(IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners(), listener => listener.Port == port);
        for (var round = 0; round < 50 && mesh.IsAlive; round++)
        {
            // What is still on its way to its end must not count.
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        // Nothing that runs, no timer and no static, holds it.
        Assert.False(mesh.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<(WeakReference Mesh, string Folder, int Port)> LivedAsync()
    {
        var mesh = await Shop.StartAsync();
        await using (mesh)
        {
            mesh.RunStandIns();
            await mesh.Pod("web").ShouldReach("http://store/books");
            await using var open = await mesh.Pod("web").ConnectAsync("store", 80);
        }

        return (new(mesh), mesh.Folder, mesh.Port);
    }

    private sealed class Says(string text) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            => Task.FromResult(new HttpResponseMessage { Content = new StringContent(text) });
    }
}
