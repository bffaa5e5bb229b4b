using System.Globalization;
using System.Text.RegularExpressions;
using Envoy.Extensions.TransportSockets.Tls.V3;
using OsmExt.Envoy;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>What a proxy gets, and what people can see of it.</summary>
public sealed class ServingTests : IDisposable
{
    private readonly MeshDirectory _mesh = new();

    public static TheoryData<string> Variants => ["sotw", "delta"];

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_proxy_gets_what_is_its_own_and_nothing_else(string variant)
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, variant);
        await using var store = await plane.ConnectAsync(Shop.Store1, variant);
        await using var thief = await plane.ConnectAsync(Shop.Thief, variant);

        Assert.Equal(["blackhole-outbound", "shop/store|8080"], buyer.All(TypeUrls.Cluster).Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["shop/store|8080"], buyer.All(TypeUrls.Endpoint).Keys);
        Assert.Contains("rds-outbound.80", buyer.All(TypeUrls.Route).Keys);
        Assert.Contains("service-cert:shop/buyer", buyer.All(TypeUrls.Secret).Keys);
        Assert.Contains("inbound-listener", store.All(TypeUrls.Listener).Keys);
        Assert.Contains("shop/store|8080|local", store.All(TypeUrls.Cluster).Keys);
        Assert.Contains("service-cert:shop/store", store.All(TypeUrls.Secret).Keys);
        Assert.Equal(["blackhole-outbound"], thief.All(TypeUrls.Cluster).Keys);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task What_it_has_and_acknowledged_can_be_seen(string variant)
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, variant);

        var summary = Assert.Single((await plane.DebugAsync("/debug/proxies")).AsArray());
        Assert.Equal(Shop.Buyer, (string?)summary!["proxy"]);
        Assert.True((bool)summary["in_sync"]!);
        var detail = Assert.Single((await plane.DebugAsync($"/debug/proxies/{Shop.Buyer}")).AsArray());
        var types = detail!["types"]!.AsArray().ToDictionary(type => (string)type!["type"]!, type => type!["resources"]!.AsArray());
        foreach (var (type, resources) in types)
        {
            var held = buyer.All(TypeUrls.PushOrder.Single(url => TypeUrls.ShortName(url) == type));
            Assert.Equal(held.Keys.Order(StringComparer.Ordinal), resources.Select(resource => (string)resource!["name"]!));
            Assert.All(resources, resource => Assert.Equal((string)resource!["sent"]!, (string?)resource["acknowledged"]));
        }

        Assert.Equal(5, types.Count);
        var config = await plane.DebugAsync($"/debug/config/{Shop.Buyer}");
        Assert.Equal("spiffe://cluster.local/buyer/shop", (string?)config["scope"]!["identity"]);
        Assert.Equal(buyer.All(TypeUrls.Cluster).Count, config["clusters"]!.AsArray().Count);
    }

    [Fact]
    public async Task No_private_key_shows_anywhere()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, "delta");
        var secret = (Secret)buyer.Find(TypeUrls.Secret, "service-cert:shop/buyer")!.Message;
        var key = secret.TlsCertificate.PrivateKey.InlineBytes.ToStringUtf8();
        Assert.Contains("PRIVATE KEY", key, StringComparison.Ordinal);
        var root = await File.ReadAllTextAsync(Path.Combine(_mesh.State, "ca", "root.key"));

        var shown = string.Join('\n',
            await plane.DebugTextAsync("/debug"), await plane.DebugTextAsync("/debug/proxies"), await plane.DebugTextAsync($"/debug/proxies/{Shop.Buyer}"),
            await plane.DebugTextAsync($"/debug/config/{Shop.Buyer}"), await plane.DebugTextAsync("/debug/diagnostics"), await plane.DebugTextAsync("/debug/convergence"),
            await plane.HttpTextAsync("/metrics"), await plane.HttpTextAsync("/version"), plane.Logs.Text);

        Assert.Contains("service-cert:shop/buyer", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", shown, StringComparison.Ordinal);
        foreach (var line in Lines(key).Concat(Lines(root)))
        {
            Assert.DoesNotContain(line, shown, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(line))[..40], shown, StringComparison.Ordinal);
        }

        static IEnumerable<string> Lines(string pem) => pem.Split('\n').Where(line => line.Length > 30 && !line.StartsWith('-'));
    }

    [Fact]
    public async Task Each_port_serves_what_is_its_own()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);

        Assert.Equal("Service is alive\n", await plane.HttpTextAsync("/health/alive"));
        Assert.Equal("Service is ready\n", await plane.HttpTextAsync("/health/ready"));
        Assert.Contains("TrafficTarget", await plane.HttpTextAsync("/smi/version"), StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await plane.HttpAsync("/debug/proxies")).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await plane.HttpAsync($"/debug/config/{Shop.Buyer}")).StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => plane.DebugTextAsync("/metrics"));
    }

    [Fact]
    public async Task Metrics_count_what_happens()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using (await plane.ConnectAsync(Shop.Buyer, "delta"))
        await using (await plane.ConnectAsync(Shop.Store1, "sotw"))
        await using (await plane.ConnectAsync(Shop.Store2, "sotw"))
        {
            await Wait.UntilAsync(async () => await plane.MetricAsync("osm_proxy_connect_count") == 3, () => plane.Logs.Text);
            Assert.Equal(2, await plane.MetricAsync("osm_proxy_scope_count"));
            Assert.Equal(2, await plane.MetricAsync("osm_xds_streams", "variant=\"sotw\""));
            Assert.Equal(5, await plane.MetricAsync("osm_k8s_api_event_count", "type=\"pod-added\""));
            Assert.True(await plane.MetricAsync("osm_xds_response_bytes_total", "type=\"cluster\"") > 0);
            Assert.Equal(1, await plane.MetricAsync("osm_resource_namespace_count"));
            Assert.Equal(1, await plane.MetricAsync("osm_version_info"));
        }

        await Wait.UntilAsync(async () => await plane.MetricAsync("osm_proxy_connect_count") == 0, () => plane.Logs.Text);
    }

    [Fact]
    public async Task Nothing_is_sent_while_nothing_happens()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, "delta");
        await using var store = await plane.ConnectAsync(Shop.Store1, "sotw");
        var (sent, received) = (await SentAsync(), buyer.BytesReceived + store.BytesReceived);

        // Longer than every interval of the source and the pipeline but housekeeping; touching a file makes it read once more.
        _mesh.Write("policy.yaml", Shop.Policy());
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, CancellationToken.None);
        await plane.SettledAsync();

        Assert.Equal(sent, await SentAsync());
        Assert.Equal(received, buyer.BytesReceived + store.BytesReceived);

        Task<double> SentAsync() => plane.MetricAsync("osm_xds_response_bytes_total");
    }

    [Fact]
    public async Task Logs_are_one_line_for_each_event_and_name_the_proxy()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using (await plane.ConnectAsync(Shop.Buyer, "delta"))
        {
        }

        await Wait.UntilAsync(() => plane.Logs.Text.Contains($"A stream of {Shop.Buyer} ended", StringComparison.Ordinal), () => plane.Logs.Text);
        Assert.Single(Regex.Matches(plane.Logs.Text, string.Create(CultureInfo.InvariantCulture, $"{Shop.Buyer} opened a Delta stream")));
    }
}
