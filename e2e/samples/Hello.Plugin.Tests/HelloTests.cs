using System.Runtime.CompilerServices;
using OsmExt.Testing.Cases;
using OsmExt.Testing.Hosting;
using OsmExt.Testing.Plugins;

namespace Hello.Plugin.Tests;

/// <summary>A plugin, tested in three ways: what it is, what configuration it gives, and what that does to a request.</summary>
public class HelloTests
{
    private static readonly string Plugin = Beside("hello");
    private static readonly string Case = Path.Combine(Plugin, "cases", "hello");

    [Fact]
    public void It_keeps_to_what_every_plugin_must_keep_to()
        => Assert.All(PluginSuite.Run(Plugin), result => Assert.True(result.Failure is null, $"{result.Name}: {result.Failure}"));

    [Fact]
    public void Its_case_gives_what_has_been_read_and_accepted() => TranslationCase.Verify(Case, Plugin);

    [Fact]
    public async Task A_response_has_the_header_for_as_long_as_the_object_is_there()
    {
        await using var mesh = await StartAsync();
        await mesh.ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata: {name: client, namespace: shop}
            spec: {serviceAccountName: client, containers: [{name: app, image: app}]}
            """);

        using (var answer = await mesh.Pod("shop/client").GetAsync("http://web/"))
        {
            Assert.Equal("world", Assert.Single(answer.Headers.GetValues("x-hello")));
        }

        await mesh.DeleteAsync("Hello", "shop", "hello");
        using (var answer = await mesh.Pod("shop/client").GetAsync("http://web/"))
        {
            Assert.False(answer.Headers.Contains("x-hello"));
        }
    }

    [Fact]
    public async Task A_mistake_in_an_object_is_told_before_any_proxy_sees_it()
    {
        await using var mesh = await StartAsync();
        var mistake = await Assert.ThrowsAsync<ArgumentException>(() => mesh.ApplyAsync("""
            apiVersion: hello.example.org/v1alpha1
            kind: Hello
            metadata: {name: hello, namespace: shop}
            spec: {targetRef: {kind: Service, name: web}, value: "%DOWNSTREAM_PEER_SUBJECT%"}
            """));
        Assert.Contains("spec.value", mistake.Message, StringComparison.Ordinal);
    }

    private static async Task<MeshHost> StartAsync()
    {
        var mesh = await MeshHost.StartAsync(new() { Plugins = Plugin, Paths = [Path.Combine(Case, "in.yaml")] });
        mesh.RunStandIns();
        return mesh;
    }

    // The plugin's own files, not copies: what is accepted is written beside them.
    private static string Beside(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, name);
}
