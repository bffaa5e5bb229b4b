using OsmExt.Demo.Traffic;

namespace OsmExt.E2E.Cluster;

/// <summary>
/// The bookstore on a cluster: the chart by helm, the applications by kubectl, their pods injected by the webhook and run with real Envoys. What is
/// seen is what the demo shows on manifests in a directory; then everything is upgraded, killed and taken away under traffic.
/// </summary>
[Collection(nameof(Machine))]
public sealed class BookstoreTests
{
    private const string Look = "GET /books-bought";
    private const string Buy = "GET /buy-a-book/new";

    private static readonly string[] Namespaces = ["bookbuyer", "bookthief", "bookstore", "bookwarehouse"];
    private static readonly string Chart = Path.Join(Checkout.Root, "core", "charts", "osm");
    private static readonly string Demo = Path.Join(Checkout.Root, "e2e", "demo");

    [ClusterFact]
    public async Task The_bookstore_is_installed_upgraded_killed_and_taken_away()
    {
        await using var cluster = await ClusterMesh.StartAsync();
        try
        {
            await InstallAsync(cluster);
            await SellAsync(cluster);
            await ChangeAsync(cluster);
            await UninstallAsync(cluster);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{e.Message}\n{await PodsAsync(cluster)}\n{cluster.Report()}", e);
        }
    }

    private static async Task InstallAsync(ClusterMesh cluster)
    {
        await cluster.Tools.HelmAsync(
            "install", "osm", Chart, "--namespace", ClusterMesh.SystemNamespace, "--create-namespace", "--wait", "--timeout", "120s",
            "--set", "osm.enablePermissiveTrafficPolicy=false", "--set", "osm.enableEgress=false");
        foreach (var (kind, name) in new[] { ("mutatingwebhookconfiguration", "osm-webhook-osm"), ("validatingwebhookconfiguration", "osm-validator-mesh-osm") })
        {
            await Wait.UntilAsync(
                async () => (await cluster.Tools.KubectlAsync("get", kind, name, "-o", "jsonpath={.webhooks[*].clientConfig.caBundle}")).Length > 0, $"the leader has said by which roots {name} is known");
        }

        foreach (var name in Namespaces)
        {
            await cluster.Tools.ApplyAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}");
            await cluster.Tools.OsmAsync("namespace", "add", name);
        }

        await cluster.Tools.KubectlAsync("apply", "-f", Path.Join(Demo, "mesh", "policy"));
        await cluster.Tools.KubectlAsync("apply", "-f", Path.Join(Checkout.Root, "e2e", "cluster", "bookstore.yaml"));
        foreach (var name in Namespaces)
        {
            await cluster.Tools.KubectlAsync("wait", "pods", "--all", "-n", name, "--for=condition=Ready", "--timeout=120s");
        }
    }

    // The same end as the demo's script.
    private static async Task SellAsync(ClusterMesh cluster)
    {
        await UntilAsync(cluster, all => Statuses(all, "bookbuyer", Look) is [200] && Statuses(all, "bookbuyer", Buy) is [200], "the buyer buys");
        await UntilAsync(cluster, all => Any(all, "bookthief") && !all.Any(exchange => exchange.From.StartsWith("bookthief", StringComparison.Ordinal) && exchange.Status == 200), "the thief gets nothing");
        await UntilAsync(cluster, all => all.Any(exchange => exchange.What == "TCP" && exchange.Status == 200), "the warehouse reaches its store");
        await UntilAsync(
            cluster, all => all.Any(exchange => exchange is { Self: "spiffe://cluster.local/bookbuyer/bookbuyer", Peer: "spiffe://cluster.local/bookstore-v1/bookstore" }), "both know who the other is");
    }

    private static async Task ChangeAsync(ClusterMesh cluster)
    {
        var begin = TimeProvider.System.GetUtcNow();
        await cluster.Tools.KubectlAsync("apply", "-f", Path.Join(Demo, "steps", "split-0-100.yaml"));
        await UntilAsync(cluster, all => all.Any(exchange => exchange.Answered == "bookstore-v2"), "the split moves on");

        // Every component in turn, under traffic.
        await cluster.Tools.HelmAsync(
            "upgrade", "osm", Chart, "--namespace", ClusterMesh.SystemNamespace, "--reuse-values", "--set", "osm.controllerLogLevel=debug", "--wait", "--timeout", "120s");
        await cluster.Tools.KubectlAsync("delete", "pods", "-n", ClusterMesh.SystemNamespace, "-l", "app=osm-controller", "--wait=true", "--timeout=60s");
        await cluster.Tools.KubectlAsync("rollout", "status", "deployment/osm-controller", "-n", ClusterMesh.SystemNamespace, "--timeout=120s");
        await cluster.Tools.KubectlAsync("apply", "-f", Path.Join(Demo, "steps", "thief-may-look.yaml"));
        await UntilAsync(cluster, all => Statuses(all, "bookthief", Look) is [.., 200] or [200, ..], "a control plane that is new goes on with the work");
        await cluster.Tools.HelmAsync("rollback", "osm", "1", "--namespace", ClusterMesh.SystemNamespace, "--wait", "--timeout", "120s");

        var lost = cluster.Traffic.Since(begin).Where(exchange => exchange.From.StartsWith("bookbuyer", StringComparison.Ordinal) && exchange.Status != 200).ToArray();
        Assert.True(lost.Length == 0, $"{lost.Length} requests were lost: {string.Join('\n', lost.Take(5))}");
    }

    private static async Task UninstallAsync(ClusterMesh cluster)
    {
        await cluster.Tools.KubectlAsync(["delete", "namespace", .. Namespaces, "--timeout=60s"]);
        await cluster.Tools.HelmAsync("uninstall", "osm", "--namespace", ClusterMesh.SystemNamespace, "--wait", "--timeout", "60s");
        // Pods take the time to send their proxies elsewhere.
        await Wait.ForAsync("", () => LeftAsync(cluster), seconds: 60);
    }

    private static async Task<string> LeftAsync(ClusterMesh cluster) => (await cluster.Tools.KubectlAsync(
        "get", "all,secrets,leases,mutatingwebhookconfigurations,validatingwebhookconfigurations,clusterroles,clusterrolebindings,roles,rolebindings", "-A", "-l",
        "app.kubernetes.io/name=openservicemesh.io", "-o", "name")).Trim();

    private static async Task<string> PodsAsync(ClusterMesh cluster) => (await cluster.Tools.TryKubectlAsync("get", "pods", "-A", "-o", "wide")).ToString();

    private static Task<TimeSpan> UntilAsync(ClusterMesh cluster, Func<IReadOnlyList<Exchange>, bool> condition, string what)
    {
        var begin = TimeProvider.System.GetUtcNow();
        return Wait.UntilAsync(() => condition(cluster.Traffic.Since(begin)), what, seconds: 60);
    }

    private static bool Any(IReadOnlyList<Exchange> all, string from) => all.Any(exchange => exchange.From.StartsWith(from, StringComparison.Ordinal));

    private static int[] Statuses(IReadOnlyList<Exchange> all, string from, string what)
        => [.. all.Where(exchange => exchange.From.StartsWith(from, StringComparison.Ordinal) && exchange.What == what).Select(exchange => exchange.Status).Distinct().Order()];
}
