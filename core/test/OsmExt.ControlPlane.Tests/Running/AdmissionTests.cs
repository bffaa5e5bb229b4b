using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using OsmExt.Envoy;
using OsmExt.Identity;
using OsmExt.Sdk.Identity;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>Who is let in, and who not.</summary>
public sealed class AdmissionTests : IDisposable
{
    private readonly MeshDirectory _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public async Task Without_a_certificate_nobody_gets_in()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await RefusedInHandshakeAsync(plane, null);
    }

    [Fact]
    public async Task A_certificate_of_another_mesh_does_not_count()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        using var root = RootCertificate.Create(TimeProvider.System.GetUtcNow());
        var foreign = new CertificateAuthority(root, "cluster.local", TimeProvider.System);
        await RefusedInHandshakeAsync(plane, Load(foreign.Issue(plane.IdentityOf(Shop.Buyer), TimeSpan.FromDays(1))));
    }

    [Fact]
    public async Task No_more_proxies_get_in_than_the_mesh_allows_and_those_inside_may_come_again()
    {
        _mesh.Write("00-mesh.yaml", Shop.Config().Replace("spec:", "spec:\n  sidecar: {maxDataPlaneConnections: 1}", StringComparison.Ordinal));
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var store = await plane.ConnectAsync(Shop.Store1, "delta");

        var buyer = plane.IdentityOf(Shop.Buyer);
        var ended = await EndOfAsync(plane.Client(plane.CertificateOf(buyer), buyer.NodeId), "delta");
        Assert.Equal(StatusCode.ResourceExhausted, ended.StatusCode);

        await using var again = await plane.ConnectAsync(Shop.Store1, "delta");
    }

    [Fact]
    public async Task An_expired_certificate_does_not_count()
    {
        // From the past to now: the client looks at the real clock, and believes no server certificate that the control plane takes up in the future.
        var later = TimeSpan.FromMinutes(61);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow() - later);
        await using var plane = await RunningControlPlane.StartAsync(_mesh, time);
        var certificate = Load(plane.Get<CertificateAuthority>().Issue(plane.IdentityOf(Shop.Buyer), TimeSpan.FromHours(1)));
        time.Advance(later);
        await RefusedInHandshakeAsync(plane, certificate);
    }

    [Fact]
    public async Task A_workloads_certificate_does_not_make_a_proxy()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        var issued = plane.Get<CertificateAuthority>().Issue(new WorkloadIdentity("cluster.local", "shop", "buyer"), TimeSpan.FromDays(1));
        await RefusedInHandshakeAsync(plane, X509Certificate2.CreateFromPem(issued.ChainPem,
            System.Text.Encoding.ASCII.GetString(issued.PrivateKeyPem.Reveal().Span)));
    }

    [Fact]
    public async Task A_certificate_that_is_for_servers_only_does_not_count()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        var now = TimeProvider.System.GetUtcNow();
        await RefusedInHandshakeAsync(plane, plane.Get<CertificateAuthority>().IssueXdsServer(RotationSchedule.For("xds",
            TimeSpan.FromDays(1)).At(now)));
    }

    [Fact]
    public async Task A_self_signed_certificate_with_the_right_name_does_not_count()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        var request = LeafProfile.For(plane.IdentityOf(Shop.Buyer)).ToRequest(key);
        await RefusedInHandshakeAsync(plane, request.CreateSelfSigned(now.AddMinutes(-1), now.AddDays(1)));
    }

    [Theory]
    [InlineData("sotw")]
    [InlineData("delta")]
    public async Task A_proxy_cannot_pass_for_another_not_even_of_its_own_service_account(string variant)
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var store2 = await plane.ConnectAsync(Shop.Store2, variant);
        foreach (var other in new[] { Shop.Buyer, Shop.Store2 })
        {
            var certificate = plane.CertificateOf(plane.IdentityOf(Shop.Store1));
            var ended = await EndOfAsync(plane.Client(certificate, plane.IdentityOf(other).NodeId), variant);

            Assert.Equal(StatusCode.PermissionDenied, ended.StatusCode);
            Assert.Contains("node.id", ended.Detail, StringComparison.Ordinal);
        }

        // The one whose name was used notices nothing.
        Assert.Single((await plane.DebugAsync($"/debug/proxies/{Shop.Store2}")).AsArray());
        Assert.Empty((await plane.DebugAsync($"/debug/proxies/{Shop.Store1}")).AsArray());
        Assert.Contains("claims to be node", plane.Logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_stranger_calls_itself_writes_no_lines_into_the_log()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await EndOfAsync(plane.Client(plane.CertificateOf(plane.IdentityOf(Shop.Buyer)), "me\nWarning forged line"), "delta");

        Assert.Contains("me Warning forged line", plane.Logs.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\nWarning forged", plane.Logs.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sotw")]
    [InlineData("delta")]
    public async Task A_proxy_of_no_pod_is_refused_until_its_pod_is_there(string variant)
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        var uuid = new Guid("0d5fa7de-9ec4-4e65-94a1-7c1c5ccd1b4f");
        var identity = new ProxyIdentity(uuid, new("cluster.local", "shop", "buyer"));
        var ended = await EndOfAsync(plane.Client(plane.CertificateOf(identity), identity.NodeId), variant);
        Assert.Equal(StatusCode.PermissionDenied, ended.StatusCode);
        Assert.Contains("no pod of the mesh", ended.Detail, StringComparison.Ordinal);

        _mesh.Write("late.yaml", Shop.Pod("late", "buyer", 77, uuid.ToString("D")));
        await Wait.UntilAsync(() => plane.Pipeline.State!.Proxies.Find(new("Pod", "shop", "late")) is not null, () => plane.Logs.Text);
        await using var late = await plane.ConnectAsync("shop/late", variant);
        Assert.Contains("service-cert:shop/buyer", late.All(TypeUrls.Secret).Keys);
    }

    // A pod may be labelled with somebody else's id, but the identity it runs as is Kubernetes' to say.
    [Fact]
    public async Task A_copied_label_opens_nothing()
    {
        var uuid = new Guid("0d5fa7de-9ec4-4e65-94a1-7c1c5ccd1b4f");
        _mesh.Write("victim.yaml", Shop.Pod("victim", "buyer", 77, uuid.ToString("D")));
        _mesh.Write("copy.yaml", Shop.Pod("copy", "thief", 78, uuid.ToString("D")));
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var victim = await plane.ConnectAsync("shop/victim", "delta");
        await using var copy = await plane.ConnectAsync("shop/copy", "delta");

        Assert.Contains("service-cert:shop/buyer", victim.All(TypeUrls.Secret).Keys);
        Assert.DoesNotContain("service-cert:shop/buyer", copy.All(TypeUrls.Secret).Keys);
        Assert.Equal(["blackhole-outbound"], copy.All(TypeUrls.Cluster).Keys);
    }

    [Fact]
    public async Task Asking_for_what_is_anothers_gives_nothing()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var store = await plane.ConnectAsync(Shop.Store1, "delta");
        var thief = plane.IdentityOf(Shop.Thief);
        await using var client = plane.Client(plane.CertificateOf(thief), thief.NodeId);
        await using var stream = client.OpenDelta();
        await stream.SubscribeAsync(TypeUrls.Secret, "service-cert:shop/store", "service-cert:shop/thief");

        var secrets = await stream.NextAsync(TypeUrls.Secret);
        Assert.Equal("service-cert:shop/thief", Assert.Single(secrets.Resources).Name);
        await stream.AckAsync(secrets);
        await stream.SubscribeAsync(TypeUrls.Endpoint, "*");
        Assert.Empty((await stream.NextAsync(TypeUrls.Endpoint)).Resources);
    }

    private static async Task RefusedInHandshakeAsync(RunningControlPlane plane, X509Certificate2? certificate)
    {
        var ended = await EndOfAsync(plane.Client(certificate, plane.IdentityOf(Shop.Buyer).NodeId), "delta");

        // The client believes the handshake done before the server has judged it, so how it learns of the refusal varies.
        Assert.Contains(ended.StatusCode, new[] { StatusCode.Unavailable, StatusCode.Internal });
        Assert.Contains("Refused a TLS client", plane.Logs.Text, StringComparison.Ordinal);
        Assert.Empty((await plane.DebugAsync("/debug/proxies")).AsArray());
        Assert.Equal(0, await plane.MetricAsync("osm_xds_requests_total"));

        // The same address and roots serve a proxy that is one: it was the certificate.
        await using var thief = await plane.ConnectAsync(Shop.Thief, "sotw");
    }

    private static async Task<Status> EndOfAsync(AdsTestClient client, string variant)
    {
        await using (client)
        {
            if (variant == "delta")
            {
                await using var delta = client.OpenDelta();
                await SendAsync(() => delta.SubscribeAsync(TypeUrls.Cluster, "*"));
                return await delta.Ended.WaitAsync(Wait.Bound, TimeProvider.System);
            }

            await using var sotw = client.OpenStateOfTheWorld();
            await SendAsync(() => sotw.RequestAsync(TypeUrls.Cluster));
            return await sotw.Ended.WaitAsync(Wait.Bound, TimeProvider.System);
        }

        // A connection that fails may do so while the request is written; how the stream ended tells why.
        static async Task SendAsync(Func<Task> send) => await send().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static X509Certificate2 Load(ProxyCertificate issued)
        => X509Certificate2.CreateFromPem(issued.ChainPem, System.Text.Encoding.ASCII.GetString(issued.PrivateKeyPem.Reveal().Span));
}
