using System.Diagnostics.Metrics;
using Grpc.Core;
using OsmExt.Envoy;
using OsmExt.Identity;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>Proxies with an outdated credential are asked to come with a renewed one, and are served meanwhile.</summary>
public sealed class CredentialReviewTests : IDisposable
{
    private const string Asked = "asked to connect again";
    private readonly MeshDirectory _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public async Task After_a_change_of_roots_a_stream_ends_well_and_the_next_one_is_on_another_connection()
    {
        await using var plane = await StartAsync(TimeSpan.Zero);
        using var handshakes = new Handshakes(plane.XdsAddress.Port);
        var identity = plane.IdentityOf(Shop.Buyer);
        var certificate = plane.CertificateOf(identity);
        await using var client = plane.Client(certificate, identity.NodeId);
        await using var stream = client.OpenDelta();
        stream.AutoAck = true;
        await stream.SubscribeAsync(TypeUrls.Cluster, "*");
        await stream.NextAsync(TypeUrls.Cluster);
        await stream.SubscribeAsync(TypeUrls.Listener, "*");
        await stream.NextAsync(TypeUrls.Listener);
        await plane.SettledAsync();
        Assert.Equal(1, handshakes.Count);
        Assert.DoesNotContain(Asked, plane.Logs.Text, StringComparison.Ordinal);

        ChangeRoots();
        Assert.Equal(StatusCode.OK, (await stream.Ended.WaitAsync(Wait.Bound, TimeProvider.System)).StatusCode);
        await using var again = client.OpenDelta();
        await again.SubscribeAsync(TypeUrls.Cluster, "*");
        await again.NextAsync(TypeUrls.Cluster);
        Assert.Equal(2, handshakes.Count);
    }

    [Fact]
    public async Task Whoever_has_a_renewed_credential_is_left_alone()
    {
        await using var plane = await StartAsync(TimeSpan.Zero);
        ChangeRoots();
        await Wait.UntilAsync(() => plane.Get<MeshRoots>().State.Signing == "root-b", () => plane.Logs.Text);

        await using var buyer = await plane.ConnectAsync(Shop.Buyer, "delta");
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
        Assert.DoesNotContain(Asked, plane.Logs.Text, StringComparison.Ordinal);
        Assert.True(buyer.IsComplete);
    }

    [Fact]
    public async Task Whoever_writes_credentials_gets_time_to_renew_them()
    {
        await using var plane = await StartAsync(TimeSpan.FromMinutes(5));
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, "delta");
        ChangeRoots();
        await Wait.UntilAsync(() => plane.Get<MeshRoots>().State is { Signing: "root-b", Trusted: ["root-b"] }, () => plane.Logs.Text);

        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
        await buyer.UntilAsync(() => buyer.IsComplete);
        Assert.DoesNotContain(Asked, plane.Logs.Text, StringComparison.Ordinal);
    }

    private Task<RunningControlPlane> StartAsync(TimeSpan patience) => RunningControlPlane.StartAsync(_mesh, configure: options =>
    {
        options.CredentialPatience = patience;
        options.ReconnectGrace = TimeSpan.Zero;
    });

    private void ChangeRoots() => _mesh.Write("roots.yaml", """
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshRootCertificate
        metadata: {name: root-b, namespace: osm-system}
        spec:
          role: active
          trustDomain: cluster.local
          provider: {tresor: {ca: {secretRef: {name: osm-ca-bundle, namespace: osm-system} } } }
        """);

    /// <summary>Counts the TLS handshakes of one port, as Kestrel measures them.</summary>
    private sealed class Handshakes : IDisposable
    {
        private readonly MeterListener _listener = new();
        private int _count;

        public Handshakes(int port)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "kestrel.tls_handshake.duration")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
            {
                foreach (var tag in tags)
                {
                    _ = tag is { Key: "server.port", Value: int at } && at == port ? Interlocked.Increment(ref _count) : 0;
                }
            });
            _listener.Start();
        }

        public int Count => Volatile.Read(ref _count);

        public void Dispose() => _listener.Dispose();
    }
}
