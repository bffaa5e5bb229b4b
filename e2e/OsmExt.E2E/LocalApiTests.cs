using System.Net;
using System.Text.Json.Nodes;
using OsmExt.E2E.Cluster;
using OsmExt.TestedKubernetes;
using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>
/// A local mesh whose objects are on an API server, changed with kubectl as it is published: what is applied is in force at sidecars that really run, and what is wrong is refused.
/// The same on both data planes: Envoys of root's, and a user's own without any privilege.
/// </summary>
public sealed class LocalApiTests : IDisposable
{
    private const string Extra = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: extra, namespace: shop}
        spec:
          replicas: 2
          selector: {matchLabels: {version: v1, app: extra}}
          template:
            metadata: {labels: {version: v1, app: extra}}
            spec:
              serviceAccountName: v1
              containers: [{name: app, image: test/echo}]
        """;

    private static readonly string Broken = Shop.Routes.Split("---")[0].Replace("/items/.*", "/books(", StringComparison.Ordinal).Replace("name: echo", "name: broken", StringComparison.Ordinal);
    private static readonly string Kubectl = Path.Join(KubernetesTools.Directory, "kubectl");

    private readonly string _directory = Directory.CreateTempSubdirectory("osm-e2e-api-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [ClusterFact]
    public async Task On_Envoys()
    {
        string kubeconfig;
        await using (var mesh = await Mesh.StartAsync(Prepare, "--api"))
        {
            var status = (await mesh.StatusAsync())!;
            kubeconfig = $"{status["api"]!["kubeconfig"]}";
            Assert.Contains($"kubectl --kubeconfig {kubeconfig} get pods -A", mesh.Log("up.out.log"), StringComparison.Ordinal);
            using var buyer = mesh.Pod("buyer").CreateClient();
            using var thief = mesh.Pod("thief").CreateClient();
            await ChangeAsync(KubectlAsync, arguments => Shell.OsmAsync([.. arguments, "--name", mesh.Name]), buyer, thief);

            // The mesh's lists count for pods that are new.
            Assert.Equal(0, (await KubectlAsync(["patch", "meshconfig", "osm-mesh-config", "-n", "osm-system", "--type=merge", "-p", "{\"spec\":{\"traffic\":{\"outboundPortExclusionList\":[6379]}}}"], "")).ExitCode);
            Assert.Equal(0, (await KubectlAsync(["apply", "-f", "-"], Client(Shop.Namespace, "late", "10.244.1.20"))).ExitCode);
            Assert.Equal(0, (await KubectlAsync(["wait", "pod/late", "-n", "shop", "--for=condition=Ready", "--timeout=30s"], "")).ExitCode);
            Assert.Contains("6379", (await Shell.InAsync(mesh.Pod("late"), "iptables-save")).Output, StringComparison.Ordinal);
            Assert.DoesNotContain("6379", (await Shell.InAsync(mesh.Pod("buyer"), "iptables-save")).Output, StringComparison.Ordinal);

            Task<ShellResult> KubectlAsync(string[] arguments, string input) => Shell.RunAsync(Kubectl, [$"--kubeconfig={kubeconfig}", $"--cache-dir={_directory}", .. arguments], input);
        }

        Assert.False(File.Exists(kubeconfig));
    }

    [OsmFact]
    public async Task Without_privileges()
    {
        if (KubernetesTools.Missing is not null && !Requirements.IsStrict)
        {
            return;
        }

        var (name, user) = ($"nobody-api-{Environment.ProcessId}", new UnprivilegedUser(_directory));
        var config = new ManifestFolder(Path.Join(_directory, "config"));
        Prepare(config);
        await user.GiveDirectoryAsync();
        try
        {
            var up = await user.OsmAsync("local", "up", "--api", "--detach", "--name", name, "--config", config.Path, "--images", Checkout.Images, "--logs", Path.Join(_directory, "logs"),
                "--data-plane", "embedded", "--network", "loopback");
            Assert.True(up.ExitCode == 0, up.ToString());
            var status = JsonNode.Parse((await user.OsmAsync("local", "status", "--name", name)).Output)!;
            var kubeconfig = $"{status["api"]!["kubeconfig"]}";
            Assert.Contains($"kubectl --kubeconfig {kubeconfig} get pods -A", up.Output, StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kubeconfig));
            using var buyer = ClientOf(status, "buyer");
            using var thief = ClientOf(status, "thief");
            await ChangeAsync((arguments, input) => user.RunAsync(Kubectl, [$"--kubeconfig={kubeconfig}", .. arguments], input), arguments => user.OsmAsync([.. arguments, "--name", name]), buyer, thief);

            var down = await user.OsmAsync("local", "down", "--name", name);
            Assert.True(down.ExitCode == 0, down.ToString());
            Assert.False(File.Exists(kubeconfig));
        }
        finally
        {
            await user.OsmAsync("local", "down", "--name", name);
        }
    }

    private static void Prepare(ManifestFolder config) => config.Write("all",
        MeshConfig(permissive: false), Namespace(Shop.Namespace), Server(Shop.Namespace, "v1", Shop.V1, "echo"),
        Client(Shop.Namespace, "buyer", "10.244.1.11"), Client(Shop.Namespace, "thief", "10.244.1.12"),
        Service(Shop.Namespace, "echo-v1", "10.96.1.1", "version: v1", ("v1", Shop.V1)), Shop.Routes, Allow("buyer"));

    private async Task ChangeAsync(Func<string[], string, Task<ShellResult>> kubectl, Func<string[], Task<ShellResult>> osm, HttpClient buyer, HttpClient thief)
    {
        Assert.Equal("buyer Running\nthief Running\nv1 Running\n", await SayAsync("get", "pods", "-n", "shop", "--no-headers", "-o", "custom-columns=:metadata.name,:status.phase"), ignoreWhiteSpaceDifferences: true);
        await Wait.ForAsync(HttpStatusCode.OK, () => AskAsync(buyer));
        Assert.NotEqual(HttpStatusCode.OK, await AskAsync(thief));

        // What is applied is in force when its condition says so.
        Assert.Equal(0, (await kubectl(["apply", "-f", "-"], Allow("thief"))).ExitCode);
        await SayAsync("wait", "-n", "shop", "traffictarget/thief", "--for=condition=Programmed", "--timeout=30s");
        Assert.Equal(HttpStatusCode.OK, await AskAsync(thief));
        await Wait.UntilAsync(async () => (await SayAsync("describe", "traffictarget", "-n", "shop", "thief")).Contains("Programmed", StringComparison.Ordinal)
            && (await SayAsync("get", "events", "-n", "shop")).Contains("traffictarget/thief", StringComparison.Ordinal), "an event tells that all proxies have it");

        var refused = await kubectl(["apply", "-f", "-"], Broken);
        Assert.True(refused.ExitCode == 1 && refused.Error.Contains("OSM2008", StringComparison.Ordinal), refused.ToString());

        // Pods that nobody has written down: a cluster makes them, with addresses and endpoints.
        Assert.Equal(0, (await kubectl(["apply", "-f", "-"], Extra)).ExitCode);
        await SayAsync("rollout", "status", "deployment/extra", "-n", "shop", "--timeout=60s");
        await Wait.ForAsync(3, async () => (await SayAsync("get", "endpointslices", "-n", "shop", "-o", "jsonpath={.items[*].endpoints[*].addresses[0]}")).Split(' ').Length);
        await SayAsync("delete", "pod", "v1", "-n", "shop");
        await Wait.ForAsync(HttpStatusCode.OK, () => AskAsync(buyer));
        Assert.Single((await SayAsync("logs", "-n", "shop", "deployment/extra", "--tail=1")).TrimEnd().Split('\n'));

        var change = new ManifestFolder(Path.Join(_directory, "change"));
        change.Write("broken", Broken);
        var applied = await osm(["local", "apply", change.Path]);
        Assert.True(applied.ExitCode == 1 && applied.Error.Contains("OSM2008", StringComparison.Ordinal), applied.ToString());

        async Task<string> SayAsync(params string[] arguments)
        {
            var said = await kubectl(arguments, "");
            Assert.True(said.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {said}");
            return said.Output;
        }
    }

    private static string Allow(string source) => Target(Shop.Namespace, source, "v1", [source], Shop.HttpRule);

    private static HttpClient ClientOf(JsonNode status, string pod)
        => new(new SocketsHttpHandler { Proxy = new WebProxy($"http://{status["pods"]!.AsArray().Single(found => $"{found!["name"]}" == pod)!["entry"]}"), UseProxy = true });

    private static async Task<HttpStatusCode> AskAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("http://echo-v1:8080/items/x"));
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return HttpStatusCode.ServiceUnavailable;
        }
    }
}
