using System.Net;
using System.Text.Json.Nodes;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.DataPlane.Tests.Discovery;
using OsmExt.Simulation.Dumps;

namespace OsmExt.DataPlane.Tests.Admin;

/// <summary>A whole embedded sidecar at a whole control plane, and what its admin endpoint says.</summary>
public sealed class EmbeddedProxyTests : IAsyncLifetime, IDisposable
{
    private readonly MeshDirectory _mesh = new();
    private readonly HttpClient _http = new();
    private RunningControlPlane _plane = null!;
    private SidecarFiles _files = null!;
    private EmbeddedProxy _proxy = null!;

    public async Task InitializeAsync()
    {
        _plane = await RunningControlPlane.StartAsync(_mesh);
        _files = new(_plane.IdentityOf(Shop.Store1), _plane);
        _proxy = await EmbeddedProxy.StartAsync(new()
        {
            Bootstrap = _files.Bootstrap(new("127.0.0.1", _plane.XdsAddress.Port)),
            Admin = new(IPAddress.Loopback, 0),
            Traffic = new() { Binds = false },
        });
        await _proxy.Live.WaitAsync(Wait.Bound, TimeProvider.System);
        _http.BaseAddress = _proxy.Admin;
    }

    public async Task DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _plane.DisposeAsync();
    }

    public void Dispose()
    {
        _files.Dispose();
        _mesh.Dispose();
        _http.Dispose();
    }

    [Fact]
    public async Task What_the_simulator_reads_of_Envoy_it_reads_of_this()
    {
        var read = ConfigDump.Read("shop/store-1", await _http.GetStringAsync("/config_dump?include_eds"));
        var own = _proxy.Keeper.Configuration!;

        Assert.Empty(read.Unread);
        Assert.Equal(own.Listeners.Select(listener => listener.Name), read.Listeners.Select(listener => listener.Name));
        Assert.Equal([.. own.Certificate!.Uris], read.Certificate!.Uris.ToArray());
        Assert.Equal(40, read.Release.Minor);
        Assert.Equal(own.Routes("rds-inbound.80") is null, read.Routes("rds-inbound.80") is null);
        Assert.All(own.Listeners, listener => Assert.Equal(listener, read.Listeners.Single(other => other.Name == listener.Name)));
    }

    [Fact]
    public async Task No_page_shows_a_key()
    {
        foreach (var page in new[] { "/config_dump?include_eds", "/certs", "/clusters", "/listeners", "/server_info", "/stats", "/stats/prometheus" })
        {
            Assert.DoesNotContain("PRIVATE KEY", await _http.GetStringAsync(page), StringComparison.Ordinal);
        }

        Assert.Contains("[redacted]", await _http.GetStringAsync("/config_dump"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dump_can_be_asked_for_in_parts()
    {
        var part = JsonNode.Parse(await _http.GetStringAsync("/config_dump?resource=dynamic_listeners"))!["configs"]!.AsArray();
        Assert.All(part, entry => Assert.EndsWith("DynamicListener", (string)entry!["@type"]!, StringComparison.Ordinal));
        Assert.NotEmpty(part);

        var named = await _http.GetStringAsync("/config_dump?name_regex=^inbound");
        Assert.Contains("\"inbound-listener\"", named, StringComparison.Ordinal);
        Assert.DoesNotContain("\"outbound-listener\"", named, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync(new Uri("/config_dump?resource=nothing", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await _http.GetAsync(new Uri("/config_dump?name_regex=(", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task Every_page_is_in_Envoys_shape()
    {
        Assert.Equal("LIVE\n", await _http.GetStringAsync("/ready"));
        var about = JsonNode.Parse(await _http.GetStringAsync("/server_info"))!;
        Assert.Equal("osmext", (string?)about["node"]!["user_agent_name"]);
        Assert.Equal("LIVE", (string?)about["state"]);
        Assert.Contains("/1.40.0/osmext", (string?)about["version"], StringComparison.Ordinal);
        Assert.Contains("inbound-listener::", await _http.GetStringAsync("/listeners"), StringComparison.Ordinal);
        Assert.Contains("::added_via_api::true", await _http.GetStringAsync("/clusters"), StringComparison.Ordinal);
        Assert.NotEmpty(JsonNode.Parse(await _http.GetStringAsync("/clusters?format=json"))!["cluster_statuses"]!.AsArray());
        var certificates = JsonNode.Parse(await _http.GetStringAsync("/certs"))!["certificates"]!.AsArray();
        Assert.Contains(certificates, entry => entry!["cert_chain"]?[0]?["subject_alt_names"]?.ToJsonString().Contains("spiffe://", StringComparison.Ordinal) is true);
        var prometheus = await _http.GetStringAsync("/stats/prometheus");
        Assert.Contains("envoy_server_live 1", prometheus, StringComparison.Ordinal);
        Assert.Contains("envoy_control_plane_connected_state 1", prometheus, StringComparison.Ordinal);
        Assert.Contains("control_plane.connected_state: 1\n", await _http.GetStringAsync("/stats?filter=^control"), StringComparison.Ordinal);
        var missing = await _http.GetAsync(new Uri("/nowhere", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Contains("/config_dump", await missing.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_changes_something_asks_for_POST()
    {
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await _http.GetAsync(new Uri("/drain_listeners", UriKind.Relative))).StatusCode);

        Assert.True((await _http.PostAsync(new Uri("/healthcheck/fail", UriKind.Relative), null)).IsSuccessStatusCode);
        var ready = await _http.GetAsync(new Uri("/ready", UriKind.Relative));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "DRAINING\n"), (ready.StatusCode, await ready.Content.ReadAsStringAsync()));
        Assert.True((await _http.PostAsync(new Uri("/healthcheck/ok", UriKind.Relative), null)).IsSuccessStatusCode);
        Assert.Equal("LIVE\n", await _http.GetStringAsync("/ready"));

        Assert.True((await _http.PostAsync(new Uri("/drain_listeners?inboundonly", UriKind.Relative), null)).IsSuccessStatusCode);
        Assert.DoesNotContain((await _http.GetStringAsync("/listeners")).Split('\n'), line => line.StartsWith("inbound", StringComparison.Ordinal));
        Assert.NotEmpty(await _http.GetStringAsync("/listeners"));
        Assert.True((await _http.PostAsync(new Uri("/drain_listeners", UriKind.Relative), null)).IsSuccessStatusCode);
        Assert.Equal("", await _http.GetStringAsync("/listeners"));
    }

    [Fact]
    public async Task A_renewed_certificate_is_in_force_without_anything_else_changing()
    {
        var before = _proxy.Keeper.Configuration!;
        _mesh.Write("00-mesh.yaml", Shop.Config(validity: "48h"));
        await Wait.UntilAsync(() => !ReferenceEquals(_proxy.Keeper.Configuration, before), () => _plane.Logs.Text);
        await _plane.SettledAsync();

        Assert.Same(before.Listeners[0], _proxy.Keeper.Configuration!.Listeners[0]);
        Assert.Equal(before.Certificate, _proxy.Keeper.Configuration.Certificate, (one, other) => one!.Uris.SequenceEqual(other!.Uris));
    }

    [Fact]
    public async Task A_bootstrap_that_cannot_be_used_is_said_before_anything_starts()
        => Assert.NotEmpty((await Assert.ThrowsAsync<BootstrapException>(() => EmbeddedProxy.StartAsync(new() { Bootstrap = "node: {id: x}" }))).Problems);
}
