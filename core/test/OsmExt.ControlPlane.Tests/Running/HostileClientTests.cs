using Grpc.Core;
using OsmExt.Envoy;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>A proxy that has been taken over may harm itself, and nobody else.</summary>
public sealed class HostileClientTests : IAsyncLifetime, IDisposable
{
    private readonly MeshDirectory _mesh = new();
    private RunningControlPlane _plane = null!;
    private TestProxy _neighbour = null!;
    private AdsTestClient _client = null!;

    public async Task InitializeAsync()
    {
        _plane = await RunningControlPlane.StartAsync(_mesh);
        _neighbour = await _plane.ConnectAsync(Shop.Store1, "delta");
        var identity = _plane.IdentityOf(Shop.Store2);
        _client = _plane.Client(_plane.CertificateOf(identity), identity.NodeId);
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _neighbour.DisposeAsync();
        await _plane.DisposeAsync();
    }

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public async Task Too_many_names_end_its_stream()
    {
        string[] names = [.. Enumerable.Range(0, 100_000).Select(index => $"secret-{index}")];
        await using var delta = _client.OpenDelta();
        await delta.SubscribeAsync(TypeUrls.Secret, names);
        await using var sotw = _client.OpenStateOfTheWorld();
        await sotw.RequestAsync(TypeUrls.Secret, names);

        Assert.Equal(StatusCode.ResourceExhausted, (await delta.Ended.WaitAsync(Wait.Bound, TimeProvider.System)).StatusCode);
        Assert.Equal(StatusCode.ResourceExhausted, (await sotw.Ended.WaitAsync(Wait.Bound, TimeProvider.System)).StatusCode);
        await NeighbourIsServedAsync();
    }

    [Fact]
    public async Task Types_that_nobody_knows_and_nonces_that_were_never_given_change_nothing()
    {
        await using var stream = _client.OpenDelta();
        await stream.SubscribeAsync(TypeUrls.Cluster, "*");
        var clusters = await stream.NextAsync(TypeUrls.Cluster);
        for (var index = 0; index < 20; index++)
        {
            await stream.SendAsync(new() { TypeUrl = $"type.googleapis.com/made.up.Type{index}", ResourceNamesSubscribe = { "*" } });
            await stream.SendAsync(new() { TypeUrl = TypeUrls.Cluster, ResponseNonce = $"nonce-{index}" });
            await stream.SendAsync(new() { TypeUrl = TypeUrls.Cluster, ResponseNonce = $"nonce-{index}", ErrorDetail = new() { Message = "no" } });
        }

        await stream.AckAsync(clusters);
        await stream.SubscribeAsync(TypeUrls.Secret, "service-cert:shop/store");
        Assert.Equal("service-cert:shop/store", Assert.Single((await stream.NextAsync(TypeUrls.Secret)).Resources).Name);
        Assert.Single(stream.Received, response => response.TypeUrl == TypeUrls.Cluster);
        Assert.Equal(0, await _plane.MetricAsync("osm_xds_rejections_total"));
        await NeighbourIsServedAsync();
    }

    [Fact]
    public async Task Refusing_everything_makes_nothing_be_sent_twice()
    {
        await using var stream = _client.OpenStateOfTheWorld();
        await stream.RequestAsync(TypeUrls.Cluster);
        await stream.NackAsync(await stream.NextAsync(TypeUrls.Cluster), "no");
        await stream.RequestAsync(TypeUrls.Secret, "service-cert:shop/store");
        await stream.NackAsync(await stream.NextAsync(TypeUrls.Secret), "no");
        await NeighbourIsServedAsync();
        await _plane.SettledAsync();

        Assert.Equal(2, stream.Received.Count);
        Assert.Equal(2, await _plane.MetricAsync("osm_xds_rejections_total"));
    }

    [Fact]
    public async Task Many_streams_of_one_proxy_are_refused()
    {
        var streams = new List<DeltaTestStream>();
        for (var index = 0; index < 20; index++)
        {
            streams.Add(_client.OpenDelta());
            await streams[^1].SubscribeAsync(TypeUrls.Cluster, "*");
        }

        await Wait.UntilAsync(() => streams.Count(stream => stream.Ended.IsCompleted) == 16, () => _plane.Logs.Text);
        foreach (var refused in streams.Where(stream => stream.Ended.IsCompleted))
        {
            Assert.Equal(StatusCode.ResourceExhausted, (await refused.Ended).StatusCode);
        }

        await NeighbourIsServedAsync();
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    private async Task NeighbourIsServedAsync()
    {
        _neighbour.ForgetLog();
        _mesh.Write("policy.yaml", Shop.Policy("/still-served.*"));
        await _neighbour.UntilAsync(() => _neighbour.Log.Length > 0);
    }
}
