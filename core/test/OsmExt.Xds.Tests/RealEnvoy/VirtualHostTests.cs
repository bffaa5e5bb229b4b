using OsmExt.Envoy;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Snapshots;
using OsmExt.Xds.Tests.Hosting;

namespace OsmExt.Xds.Tests.RealEnvoy;

/// <summary>Virtual hosts sent one by one, judged by Envoy itself: what it answers, and what it was sent for that.</summary>
public sealed class VirtualHostTests
{
    private const string Node = "envoy";

    /// <summary>Those that take virtual hosts on an aggregated stream.</summary>
    public static TheoryData<string> Versions => [.. Envoys.Versions.Where(version => !version.StartsWith("1.36", StringComparison.Ordinal))];

    [EnvoyTheory]
    [MemberData(nameof(Versions))]
    public async Task A_host_comes_changes_goes_and_hands_its_domain_on_by_itself(string version)
    {
        await using var server = await XdsTestServer.StartAsync();
        var port = EnvoyTests.FreePort();
        server.Publish(EnvoyResources.Listener("web", port, "web"), EnvoyResources.SeparateHosts("web", "unknown"), EnvoyResources.Host("web/one", "one", "first"));
        await using var envoy = await EnvoyProcess.StartAsync(version, server, XdsVariant.Delta, Node);
        await AnswersAsync(envoy, port, "one", "first");
        var routes = server.Metrics.ResponseBytes.WithLabels("route").Value;

        server.Change(EnvoyResources.Host("web/two", "two", "second"));
        await AnswersAsync(envoy, port, "two", "second", between: "unknown");
        server.Change(EnvoyResources.Host("web/two", "two", "changed"));
        await AnswersAsync(envoy, port, "two", "changed", between: "second");
        server.Patch(XdsChange.Remove(TypeUrls.VirtualHost, "web/two"), XdsChange.Set(EnvoyResources.Host("web/three", "two", "third")));
        await AnswersAsync(envoy, port, "two", "third", between: "changed");
        server.Patch(XdsChange.Remove(TypeUrls.VirtualHost, "web/three"));
        await AnswersAsync(envoy, port, "two", "unknown", between: "third");

        await server.WhenAnsweredAsync();
        Assert.Equal("first", await envoy.GetAsync(port, "one"));
        Assert.Equal(routes, server.Metrics.ResponseBytes.WithLabels("route").Value);
        Assert.Empty(server.Rejections.All);
    }

    [EnvoyTheory]
    [MemberData(nameof(Versions))]
    public async Task A_port_answers_nothing_before_it_has_its_hosts_even_when_it_was_there_before(string version)
    {
        await using var server = await XdsTestServer.StartAsync();
        var (port, other) = (EnvoyTests.FreePort(), EnvoyTests.FreePort());
        server.Publish(EnvoyResources.Listener("web", port, "web"), EnvoyResources.SeparateHosts("web", "unknown"), EnvoyResources.Host("web/one", "one", "first"));
        await using var envoy = await EnvoyProcess.StartAsync(version, server, XdsVariant.Delta, Node);
        await AnswersAsync(envoy, port, "one", "first");

        for (var round = 0; round < 3; round++)
        {
            server.Change(
                EnvoyResources.Host("other/one", "one", "other"), EnvoyResources.SeparateHosts("other", "unknown"), EnvoyResources.Listener("other", other, "other"));
            await AnswersAsync(envoy, other, "one", "other");
            server.Patch(
                XdsChange.Remove(TypeUrls.Listener, "other"), XdsChange.Remove(TypeUrls.Route, "other"), XdsChange.Remove(TypeUrls.VirtualHost, "other/one"));
            await Eventually.HoldsAsync(async () => await envoy.GetAsync(other, "one") is null, "the port is closed");
        }

        Assert.Equal("first", await envoy.GetAsync(port, "one"));
        Assert.Empty(server.Rejections.All);
    }

    [EnvoyTheory]
    [MemberData(nameof(Versions))]
    public async Task After_the_control_plane_was_gone_it_is_sent_only_the_host_that_changed(string version)
    {
        var server = await XdsTestServer.StartAsync();
        var port = EnvoyTests.FreePort();
        XdsResource[] World(string answer) =>
        [
            EnvoyResources.Listener("web", port, "web"), EnvoyResources.SeparateHosts("web", "unknown"),
            EnvoyResources.Host("web/one", "one", answer), .. Enumerable.Range(0, 100).Select(at => EnvoyResources.Host($"web/{at}", $"host-{at}", new('x', 1000))),
        ];
        server.Publish(World("first"));
        await using var envoy = await EnvoyProcess.StartAsync(version, server, XdsVariant.Delta, Node);
        await AnswersAsync(envoy, port, "one", "first");
        await server.StopAsync();

        await using var again = await XdsTestServer.StartAsync(successorOf: server);
        again.Publish(World("second"));
        await AnswersAsync(envoy, port, "one", "second", between: "first");
        await again.WhenAnsweredAsync();
        Assert.InRange(again.Metrics.ResponseBytes.WithLabels("virtual_host").Value, 1, 1000);
        Assert.Equal(new string('x', 1000), await envoy.GetAsync(port, "host-50"));
        Assert.Empty(again.Rejections.All);
    }

    private static async Task AnswersAsync(EnvoyProcess envoy, int port, string host, string expected, string? between = null)
        => await Eventually.HoldsAsync(
            async () =>
            {
                var answer = await envoy.GetAsync(port, host);
                Assert.Contains(answer, new[] { expected, between });
                return answer == expected;
            },
            $"{host} answers {expected}; it says {envoy.Log}");
}
