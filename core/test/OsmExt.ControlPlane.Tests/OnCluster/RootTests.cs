using OsmExt.ControlPlane.OnCluster;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.Identity;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;
using OsmExt.Tests.Shared;

namespace OsmExt.ControlPlane.Tests.OnCluster;

/// <summary>Changing roots with several replicas: one takes the steps, and only when it can see all there is to see.</summary>
public sealed class RootTests : IAsyncLifetime
{
    private const string First = MeshRootCertificate.DefaultName;
    private const string Next = "root-b";
    private TestCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync();
        await ReplicaTests.ApplyShopAsync(_cluster);
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Steps_of_the_leader_are_followed_by_the_others()
    {
        await using var leader = await RunningControlPlane.StartAsync(_cluster, "leader");
        await Wait.UntilAsync(() => leader.Get<IReplicas>().IsLeader, () => leader.Logs.Text);
        await using var follower = await RunningControlPlane.StartAsync(_cluster, "follower");
        await _cluster.ApplyAsync($"{Root(First, "active")}\n---\n{Root(Next, "passive")}");
        await Wait.UntilAsync(() => leader.Get<MeshRoots>().State.Trusted.Count == 2, () => leader.Logs.Text);
        await Wait.UntilAsync(() => follower.Get<MeshRoots>().State == leader.Get<MeshRoots>().State, () => follower.Logs.Text);
        Assert.Equal(leader.Get<CertificateAuthority>().Bundle.Pem, follower.Get<CertificateAuthority>().Bundle.Pem);
        Assert.NotNull(await _cluster.FindAsync("v1", "Secret", "osm-system", $"osm-ca-bundle--{Next}"));

        // Who comes later begins with what is in force.
        await using var later = await RunningControlPlane.StartAsync(_cluster, "later");
        Assert.Equal(leader.Get<MeshRoots>().State, later.Get<MeshRoots>().State);
    }

    [Fact]
    public async Task With_others_that_serve_the_change_waits_and_says_so()
    {
        await using var leader = await RunningControlPlane.StartAsync(_cluster, "leader");
        await Wait.UntilAsync(() => leader.Get<IReplicas>().IsLeader, () => leader.Logs.Text);
        await _cluster.ApplyAsync("""
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: osm-controller-1, namespace: osm-system, labels: {kubernetes.io/service-name: osm-controller}}
            addressType: IPv4
            ports: [{name: xds, port: 15128}]
            endpoints:
            - {addresses: [10.1.0.1], conditions: {ready: true}, targetRef: {kind: Pod, name: leader, namespace: osm-system}}
            - {addresses: [10.1.0.2], conditions: {ready: true}, targetRef: {kind: Pod, name: other, namespace: osm-system}}
            """);
        await Wait.UntilAsync(() => leader.Get<IReplicas>().Others(leader.Pipeline.State!.Snapshot).SequenceEqual(["other"]), () => leader.Logs.Text);
        await _cluster.ApplyAsync($"{Root(First, "active")}\n---\n{Root(Next, "passive")}");
        await Wait.UntilAsync(async () => (await leader.Pipeline.DiagnosticsAsync(CancellationToken.None)).Any(finding => finding.Code == DiagnosticCodes.RootChangeWaits), () => leader.Logs.Text);
        Assert.Single(leader.Get<MeshRoots>().State.Trusted);

        await _cluster.DeleteAsync("discovery.k8s.io/v1", "EndpointSlice", "osm-system", "osm-controller-1");
        await Wait.UntilAsync(() => leader.Get<MeshRoots>().State.Trusted.Count == 2, () => leader.Logs.Text);
    }

    [Fact]
    public async Task A_Secret_that_holds_no_root_is_named_and_left_as_it_is()
    {
        await _cluster.ApplyAsync("apiVersion: v1\nkind: Secret\nmetadata: {name: osm-ca-bundle, namespace: osm-system}\ndata: {ca.crt: bm8=}");
        var refusal = Assert.Throws<CertificateAuthorityException>(() => RunningControlPlane.Create(_cluster, "one", new()));
        Assert.Contains("Secret osm-system/osm-ca-bundle has no usable private.key", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["ca.crt"], (await _cluster.FindAsync("v1", "Secret", "osm-system", "osm-ca-bundle"))!["data"]!.AsObject().Select(field => field.Key));
    }

    private static string Root(string name, string role) => $$"""
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshRootCertificate
        metadata: {name: {{name}}, namespace: osm-system}
        spec:
          role: {{role}}
          trustDomain: cluster.local
          provider: {tresor: {ca: {secretRef: {name: {{name}}, namespace: osm-system} } } }
        """;
}
