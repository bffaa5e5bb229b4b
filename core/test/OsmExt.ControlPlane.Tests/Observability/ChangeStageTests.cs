using OsmExt.ControlPlane.Tests.Running;
using OsmExt.Envoy;

namespace OsmExt.ControlPlane.Tests.Observability;

/// <summary>What is measured of a change on its way, and of proxies that lag.</summary>
public sealed class ChangeStageTests : IDisposable
{
    private static readonly string[] Stages = ["waiting", "compiling", "translating", "queueing", "sending", "acknowledging"];

    private readonly MeshDirectory _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public async Task Every_stage_of_a_change_is_counted_once_by_its_kind_and_they_add_up()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, "delta");
        await using var store = await plane.ConnectAsync(Shop.Store1, "sotw");

        foreach (var (kind, change) in new (string, Action)[]
        {
            ("policy", () => _mesh.Write("policy.yaml", Shop.Policy("/other.*"))),
            ("endpoints", () => _mesh.Write("endpoints-store.yaml", Shop.StoreEndpoints(second: false))),
        })
        {
            var before = await CountsAsync(plane, kind);
            change();
            await Wait.UntilAsync(async () => (await CountsAsync(plane, kind))[^1] == before[^1] + 1, () => plane.Logs.Text);
            Assert.Equal(before.Select(count => count + 1), await CountsAsync(plane, kind));
            var (sum, whole) = (await plane.MetricAsync("osm_change_stage_seconds_sum", $"kind=\"{kind}\",stage"), await plane.MetricAsync("osm_config_convergence_seconds_sum", $"lane=\"{kind}\""));
            Assert.True(whole > 0 && sum >= whole * 0.9, $"{kind}: {sum} s in stages, {whole} s in all");
        }

        Assert.True(await plane.MetricAsync("osm_xds_answer_seconds_count", "type=\"listener\"") > 0);
        Assert.Equal(0, await plane.MetricAsync("osm_changes_unacknowledged_total"));
    }

    [Fact]
    public async Task Proxies_that_do_not_answer_or_refuse_are_counted_with_the_age_of_what_they_lack()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var store = await plane.ConnectAsync(Shop.Store2, "delta");
        await using var client = plane.Client(plane.CertificateOf(plane.IdentityOf(Shop.Store1)), plane.IdentityOf(Shop.Store1).NodeId);
        await using var silent = client.OpenDelta();
        await silent.SubscribeAsync(TypeUrls.Cluster, "*");
        await silent.NextAsync(TypeUrls.Cluster);

        await Wait.UntilAsync(async () => await plane.MetricAsync("osm_oldest_unacknowledged_seconds") > 0, () => plane.Logs.Text);
        Assert.Equal(1, await plane.MetricAsync("osm_proxies_behind"));
        Assert.Equal(0, await plane.MetricAsync("osm_proxies_refusing"));

        store.Objection = line => line.StartsWith("RDS", StringComparison.Ordinal) ? "no" : null;
        _mesh.Write("policy.yaml", Shop.Policy("/other.*"));
        await Wait.UntilAsync(async () => await plane.MetricAsync("osm_proxies_refusing") == 1, () => plane.Logs.Text);
    }

    private static async Task<double[]> CountsAsync(RunningControlPlane plane, string kind)
        => await Task.WhenAll(Stages.Select(stage => plane.MetricAsync("osm_change_stage_seconds_count", $"kind=\"{kind}\",stage=\"{stage}\"")));
}
