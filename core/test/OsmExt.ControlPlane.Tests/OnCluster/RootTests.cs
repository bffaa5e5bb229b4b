using OsmExt.ControlPlane.OnCluster;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.Identity;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Tests.OnCluster;

/// <summary>Changing roots with several replicas: one takes the steps, and only when it can see all there is to see.</summary>
public sealed class RootTests : ShopCluster
{
    private const string First = MeshRootCertificate.DefaultName;
    private const string Next = "root-b";
    [Fact]
    public async Task Steps_of_the_leader_are_followed_by_the_others()
    {
        await using var leader = await RunningControlPlane.StartAsync(Cluster, "leader");
        await Wait.UntilAsync(() => leader.Get<IReplicas>().IsLeader, () => leader.Logs.Text);
        await using var follower = await RunningControlPlane.StartAsync(Cluster, "follower");
        await Cluster.ApplyAsync($"{Root(First, "active")}\n---\n{Root(Next, "passive")}");
        await Wait.UntilAsync(() => leader.Get<MeshRoots>().State.Trusted.Count == 2, () => leader.Logs.Text);
        await Wait.UntilAsync(() => follower.Get<MeshRoots>().State == leader.Get<MeshRoots>().State, () => follower.Logs.Text);
        Assert.Equal(leader.Get<CertificateAuthority>().Bundle.Pem, follower.Get<CertificateAuthority>().Bundle.Pem);
        Assert.NotNull(await Cluster.FindAsync("v1", "Secret", "osm-system", Next));

        // Who comes later begins with what is in force.
        await using var later = await RunningControlPlane.StartAsync(Cluster, "later");
        Assert.Equal(leader.Get<MeshRoots>().State, later.Get<MeshRoots>().State);
    }

    [Fact]
    public async Task The_proxies_of_all_replicas_are_waited_for()
    {
        await using var leader = await RunningControlPlane.StartAsync(Cluster, "leader");
        await Wait.UntilAsync(() => leader.Get<IReplicas>().IsLeader, () => leader.Logs.Text);
        await using var follower = await RunningControlPlane.StartAsync(Cluster, "follower");
        await ReplicaTests.ServeAsync(Cluster, "leader", "follower");
        await Wait.UntilAsync(() => leader.Get<IReplicas>().Others(leader.Pipeline.State!.Snapshot).SequenceEqual(["follower"]), () => leader.Logs.Text);
        await using var buyer = await leader.ConnectAsync(Shop.Buyer, "delta");
        await using var store = await follower.ConnectAsync(Shop.Store1, "delta");
        store.Objection = line => line.Contains("root-cert", StringComparison.Ordinal) ? "not now" : null;

        // Everybody is told of the new root; the one that does not take it is another replica's, and is named all the same.
        await Cluster.ApplyAsync($"{Root(First, "passive")}\n---\n{Root(Next, "active")}");
        await Wait.UntilAsync(() => follower.Get<MeshRoots>().State.Trusted.Count == 2, () => leader.Logs.Text);
        await Wait.UntilAsync(
            async () => (await leader.Pipeline.DiagnosticsAsync(CancellationToken.None)).Any(finding => finding.Code == DiagnosticCodes.RootChangeWaits && finding.Message.Contains(Shop.Store1, StringComparison.Ordinal)),
            () => leader.Logs.Text);
        Assert.Equal(First, leader.Get<MeshRoots>().State.Signing);

        // It moves to the leader, and takes it there.
        await store.DisposeAsync();
        await using var moved = await leader.ConnectAsync(Shop.Store1, "delta");
        await Wait.UntilAsync(() => leader.Get<MeshRoots>().State.Signing == Next && follower.Get<MeshRoots>().State.Signing == Next, () => leader.Logs.Text);
        await Cluster.ApplyAsync(Root(Next, "active"));
        await Cluster.DeleteAsync("config.openservicemesh.io/v1alpha2", "MeshRootCertificate", "osm-system", First);
        await Wait.UntilAsync(() => follower.Get<MeshRoots>().State.Trusted.Count == 1, () => leader.Logs.Text);
    }

    [Fact]
    public async Task While_a_replica_has_not_said_what_its_proxies_have_a_change_waits_and_says_so()
    {
        await using var leader = await RunningControlPlane.StartAsync(Cluster, "leader");
        await Wait.UntilAsync(() => leader.Get<IReplicas>().IsLeader, () => leader.Logs.Text);
        await ReplicaTests.ServeAsync(Cluster, "leader", "other");
        await Wait.UntilAsync(() => leader.Get<IReplicas>().Others(leader.Pipeline.State!.Snapshot).SequenceEqual(["other"]), () => leader.Logs.Text);
        await Cluster.ApplyAsync($"{Root(First, "active")}\n---\n{Root(Next, "passive")}");
        await Wait.UntilAsync(async () => (await leader.Pipeline.DiagnosticsAsync(CancellationToken.None)).Any(finding => finding.Code == DiagnosticCodes.RootChangeWaits), () => leader.Logs.Text);
        Assert.Single(leader.Get<MeshRoots>().State.Trusted);

        await Cluster.DeleteAsync("discovery.k8s.io/v1", "EndpointSlice", "osm-system", "osm-controller-1");
        await Wait.UntilAsync(() => leader.Get<MeshRoots>().State.Trusted.Count == 2, () => leader.Logs.Text);
    }

    [Fact]
    public async Task A_root_that_somebody_brought_is_used_and_one_elsewhere_is_refused()
    {
        using var brought = RootCertificate.Create(TimeProvider.System.GetUtcNow());
        await Cluster.ApplyAsync($"apiVersion: v1\nkind: Secret\nmetadata: {{name: company-root, namespace: osm-system}}\ndata: {{ca.crt: {Encoded(System.Text.Encoding.ASCII.GetBytes(brought.Pem))}, private.key: {Encoded(brought.ExportKey().Reveal().ToArray())}}}");
        await using var plane = await RunningControlPlane.StartAsync(Cluster, "one");
        await Wait.UntilAsync(() => plane.Get<IReplicas>().IsLeader, () => plane.Logs.Text);
        await Cluster.ApplyAsync($"{Root(First, "active")}\n---\n{Root(Next, "passive").Replace("secretRef: {name: root-b", "secretRef: {name: company-root", StringComparison.Ordinal)}");
        await Wait.UntilAsync(() => plane.Get<MeshRoots>().State.Trusted.Count == 2, () => plane.Logs.Text);
        Assert.Equal(brought.Pem, plane.Get<MeshRoots>().Find(Next)!.Pem);
        Assert.Null(await Cluster.FindAsync("v1", "Secret", "osm-system", $"osm-ca-bundle--{Next}"));

        await Cluster.ApplyAsync(Root("root-c", "passive").Replace("namespace: osm-system} } } }", "namespace: shop} } } }", StringComparison.Ordinal));
        await Cluster.DeleteAsync("config.openservicemesh.io/v1alpha2", "MeshRootCertificate", "osm-system", Next);
        await Wait.UntilAsync(
            async () => (await plane.Pipeline.DiagnosticsAsync(CancellationToken.None)).Any(finding => finding.Code == DiagnosticCodes.RootNotUsed && finding.Message.Contains("in namespace shop", StringComparison.Ordinal)),
            () => plane.Logs.Text);

        static string Encoded(byte[] bytes) => Convert.ToBase64String(bytes);
    }

    [Fact]
    public async Task A_Secret_that_holds_no_root_is_named_and_left_as_it_is()
    {
        await Cluster.ApplyAsync("apiVersion: v1\nkind: Secret\nmetadata: {name: osm-ca-bundle, namespace: osm-system}\ndata: {ca.crt: bm8=}");
        var refusal = Assert.Throws<CertificateAuthorityException>(() => RunningControlPlane.Create(Cluster, "one", new()));
        Assert.Contains("Secret osm-system/osm-ca-bundle has no usable private.key", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["ca.crt"], (await Cluster.FindAsync("v1", "Secret", "osm-system", "osm-ca-bundle"))!["data"]!.AsObject().Select(field => field.Key));
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
