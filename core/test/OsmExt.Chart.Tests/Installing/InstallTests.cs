using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using OsmExt.TestedKubernetes;
using OsmExt.Testing.ApiServer;

namespace OsmExt.Chart.Tests.Installing;

/// <summary>The chart on an API server, by helm and kubectl as they are published; and the control plane that it starts, with the rights that it gives.</summary>
public sealed class InstallTests : IDisposable
{
    private static readonly string[] Namespaced = ["deployments", "services", "configmaps", "secrets", "serviceaccounts", "roles", "rolebindings", "poddisruptionbudgets"];
    private static readonly string[] ClusterWide = ["clusterroles", "clusterrolebindings", "mutatingwebhookconfigurations", "validatingwebhookconfigurations"];
    private readonly string _folder = Directory.CreateTempSubdirectory("osm-install-").FullName;

    private readonly int _webhooks = FreePort();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [KubernetesToolsFact]
    public async Task It_is_installed_upgraded_rolled_back_and_uninstalled_and_leaves_definitions_only()
    {
        await using var server = await ApiServer.StartAsync();
        Save(server, "admin");
        Assert.Contains("STATUS: deployed", await InstallAsync(), StringComparison.Ordinal);
        Assert.Equal(Directory.GetFiles(Path.Combine(Checkout.Chart, "crds")).Length, (await KubectlAsync("get", "crd", "-o", "name")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal("osmext/osm-controller:0.1.0", await KubectlAsync("get", "deployment", "osm-controller", "-n", "osm-system", "-o", "jsonpath={.spec.template.spec.containers[0].image}"));

        // What the control plane writes at run time survives what Helm does.
        await KubectlAsync("patch", "mutatingwebhookconfiguration", "osm-webhook-osm", "--type=json", "-p", """[{"op":"add","path":"/webhooks/0/clientConfig/caBundle","value":"Zm9v"}]""");
        await HelmAsync("upgrade", "osm", Checkout.Chart, "-n", "osm-system", "--reuse-values", "--set", "osm.image.tag=v2", "--set", "osm.osmController.autoScale.enable=true");
        Assert.Equal("osmext/osm-controller:v2", await KubectlAsync("get", "deployment", "osm-controller", "-n", "osm-system", "-o", "jsonpath={.spec.template.spec.containers[0].image}"));
        Assert.Equal("Zm9v", await KubectlAsync("get", "mutatingwebhookconfiguration", "osm-webhook-osm", "-o", "jsonpath={.webhooks[0].clientConfig.caBundle}"));
        Assert.Contains("osm-controller-hpa", await KubectlAsync("get", "horizontalpodautoscaler", "-n", "osm-system", "-o", "name"), StringComparison.Ordinal);

        await HelmAsync("rollback", "osm", "1", "-n", "osm-system");
        Assert.Equal("osmext/osm-controller:0.1.0", await KubectlAsync("get", "deployment", "osm-controller", "-n", "osm-system", "-o", "jsonpath={.spec.template.spec.containers[0].image}"));
        Assert.Equal("", await KubectlAsync("get", "horizontalpodautoscaler", "-n", "osm-system", "-o", "name"));

        await HelmAsync("uninstall", "osm", "-n", "osm-system");
        await KubectlAsync("delete", "namespace", "osm-system");
        foreach (var kind in Namespaced)
        {
            Assert.DoesNotContain("osm", await KubectlAsync("get", kind, "-A", "-o", "name"), StringComparison.Ordinal);
        }

        foreach (var kind in ClusterWide)
        {
            Assert.DoesNotContain("/osm", await KubectlAsync("get", kind, "-o", "name"), StringComparison.Ordinal);
        }

        Assert.Contains("traffictargets.access.smi-spec.io", await KubectlAsync("get", "crd", "-o", "name"), StringComparison.Ordinal);
    }

    [KubernetesToolsFact]
    public async Task A_second_mesh_is_refused_unless_both_agree()
    {
        await using var server = await ApiServer.StartAsync();
        Save(server, "admin");
        await InstallAsync();

        Assert.Contains("set osm.enforceSingleMesh to false", await FailsAsync("install", "blue", Checkout.Chart, "-n", "blue", "--create-namespace", "--set", "osm.meshName=blue"), StringComparison.Ordinal);
        Assert.Contains("wants to be the only one", await FailsAsync("install", "blue", Checkout.Chart, "-n", "blue", "--create-namespace", "--set", "osm.meshName=blue,osm.enforceSingleMesh=false"), StringComparison.Ordinal);
        Assert.Contains("give this one another osm.meshName", await FailsAsync("install", "blue", Checkout.Chart, "-n", "blue", "--create-namespace", "--set", "osm.enforceSingleMesh=false"), StringComparison.Ordinal);
        Assert.Contains("has a control plane already", await FailsAsync("install", "blue", Checkout.Chart, "-n", "osm-system", "--set", "osm.meshName=blue"), StringComparison.Ordinal);
    }

    [KubernetesToolsFact]
    public async Task The_control_plane_runs_with_the_arguments_and_the_rights_that_the_chart_gives()
    {
        await using var server = await ApiServer.StartAsync();
        Save(server, "admin");
        await InstallAsync();
        await ApplyAsync(string.Join("\n---\n", Slice("osm-injector"), Slice("osm-validator")));
        var deployment = JsonNode.Parse(await KubectlAsync("get", "deployment", "osm-controller", "-n", "osm-system", "-o", "json"))!;
        var policy = JsonNode.Parse(await KubectlAsync("get", "configmap", "osm-plugin-policy", "-n", "osm-system", "-o", "json"))!;
        Save(server, "system:serviceaccount:osm-system:osm", "account.yaml");
        await File.WriteAllTextAsync(Path.Combine(_folder, "policy.yaml"), (string)policy["data"]!["policy.yaml"]!);

        using var controlPlane = Start(deployment.At("spec.template.spec.containers.0.args")!.AsArray().Select(argument => (string)argument!));
        try
        {
            var log = ReadAsync(controlPlane);
            await UntilAsync(() => IsThereAsync("mutatingwebhookconfiguration", "osm-webhook-osm", "{.webhooks[0].clientConfig.caBundle}"), controlPlane);
            await UntilAsync(() => IsThereAsync("validatingwebhookconfiguration", "osm-validator-mesh-osm", "{.webhooks[1].clientConfig.caBundle}"), controlPlane);
            await UntilAsync(() => IsThereAsync("crd", "trafficsplits.split.smi-spec.io", "{.spec.conversion.webhook.clientConfig.caBundle}"), controlPlane);
            await UntilAsync(async () => (await KubectlAsync("get", "meshconfigs", "-n", "osm-system", "-o", "name")).Length > 0, controlPlane);
            Assert.Equal("true", await KubectlAsync("get", "meshconfig", "osm-mesh-config", "-n", "osm-system", "-o", "jsonpath={.spec.traffic.enablePermissiveTrafficPolicyMode}"));
            Assert.Contains("osm-ca-bundle", await KubectlAsync("get", "secrets", "-n", "osm-system", "-o", "name"), StringComparison.Ordinal);

            await ApplyAsync(Shop);
            await UntilAsync(InjectsAsync, controlPlane);
            Assert.Equal("osmext/osm-init:0.1.0", await KubectlAsync("get", "pod", "web", "-n", "shop", "-o", "jsonpath={.spec.initContainers[?(@.name==\"osm-init\")].image}"));

            // The webhook has been asked, over TLS by the roots that the control plane wrote, and the status is there.
            await UntilAsync(async () => await KubectlAsync("get", "httproutegroup", "books", "-n", "shop", "-o", "jsonpath={.status.conditions[?(@.type==\"Accepted\")].status}") == "True", controlPlane);
            Assert.Contains("PROGRAMMED", await KubectlAsync("get", "osm", "-A"), StringComparison.Ordinal);

            // Whoever asks for the old version does not see what narrows the split, and cannot take it away.
            var old = JsonNode.Parse(await KubectlAsync("get", "trafficsplits.v1alpha2.split.smi-spec.io", "books", "-n", "shop", "-o", "json"))!.AsObject();
            Assert.Null(old.At("spec.matches"));
            old["spec"]!["backends"]![0]!["weight"] = 7;
            await File.WriteAllTextAsync(Path.Combine(_folder, "old.json"), old.ToJsonString());
            await KubectlAsync("replace", "-f", Path.Combine(_folder, "old.json"));
            Assert.Equal("7 books", await KubectlAsync("get", "trafficsplit", "books", "-n", "shop", "-o", "jsonpath={.spec.backends[0].weight} {.spec.matches[0].name}"));

            await Checkout.RunAsync("kill", "-TERM", controlPlane.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
            await controlPlane.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System);
            Assert.Equal(0, controlPlane.ExitCode);
            Assert.DoesNotContain("orbidden", await log, StringComparison.Ordinal);
        }
        finally
        {
            if (!controlPlane.HasExited)
            {
                controlPlane.Kill();
            }
        }
    }

    private const string Shop = """
        apiVersion: v1
        kind: Namespace
        metadata:
          name: shop
          labels: {openservicemesh.io/monitored-by: osm}
          annotations: {openservicemesh.io/sidecar-injection: enabled}
        ---
        apiVersion: split.smi-spec.io/v1alpha4
        kind: TrafficSplit
        metadata: {name: books, namespace: shop}
        spec:
          service: books
          backends: [{service: books-v1, weight: 1}]
          matches: [{kind: HTTPRouteGroup, name: books}]
        ---
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: HTTPRouteGroup
        metadata: {name: books, namespace: shop}
        spec: {matches: [{name: read, pathRegex: /books, methods: [GET]}]}
        """;

    private const string Web = """
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: shop}
        spec: {containers: [{name: web, image: web}]}
        """;

    private string Slice(string service) => $$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: {{service}}-1
          namespace: osm-system
          labels:
            kubernetes.io/service-name: {{service}}
        addressType: IPv4
        ports:
        - name: webhooks
          port: {{_webhooks}}
        endpoints:
        - addresses: [127.0.0.1]
          conditions:
            ready: true
        """;

    private async Task<bool> IsThereAsync(string kind, string name, string path) => (await KubectlAsync("get", kind, name, "-o", $"jsonpath={path}")).Length > 0;

    // Until the control plane has seen the namespace it leaves its pods alone.
    private async Task<bool> InjectsAsync()
    {
        await ApplyAsync(Web);
        if ((await KubectlAsync("get", "pod", "web", "-n", "shop", "-o", "jsonpath={.spec.containers[*].name} {.spec.initContainers[*].name}")).Contains("envoy", StringComparison.Ordinal))
        {
            return true;
        }

        await KubectlAsync("delete", "pod", "web", "-n", "shop", "--grace-period=0", "--force");
        return false;
    }

    private Process Start(IEnumerable<string> arguments)
    {
        // As in the pod, but where this machine has its files and ports.
        var changed = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["--xds-address"] = "127.0.0.1:0", ["--http-address"] = "127.0.0.1:0", ["--webhook-address"] = $"127.0.0.1:{_webhooks}",
            ["--state"] = Path.Combine(_folder, "state"), ["--plugins"] = Path.Combine(_folder, "plugins"), ["--plugin-policy"] = Path.Combine(_folder, "policy.yaml"),
        };
        Directory.CreateDirectory(Path.Combine(_folder, "plugins"));
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments.Select(argument => argument.Split('=', 2) is [var name, _] && changed.TryGetValue(name, out var value) ? $"{name}={value}" : argument)
            .Prepend(Path.Combine(AppContext.BaseDirectory, "osm.dll")).Concat(["--debug-address=127.0.0.1:0", $"--kubeconfig={Path.Combine(_folder, "account.yaml")}"]))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["POD_NAME"] = "osm-controller-0";
        return Process.Start(start)!;
    }

    private static async Task<string> ReadAsync(Process process)
    {
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        return await output + await errors;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, Process process)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.False(process.HasExited, "The control plane has ended.");
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromMinutes(1), "It took longer than a minute.");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    private Task<string> InstallAsync() => HelmAsync("install", "osm", Checkout.Chart, "-n", "osm-system", "--create-namespace");

    private async Task ApplyAsync(string yaml)
    {
        var file = Path.Combine(_folder, "apply.yaml");
        await File.WriteAllTextAsync(file, yaml);
        await KubectlAsync("apply", "-f", file);
    }

    private void Save(ApiServer server, string user, string file = "admin.yaml") => File.WriteAllText(Path.Combine(_folder, file), server.Kubeconfig(user));

    private Task<string> HelmAsync(params string[] arguments) => KubernetesTools.RunAsync("helm", arguments, Environment);

    private Task<string> KubectlAsync(params string[] arguments) => KubernetesTools.RunAsync("kubectl", arguments, Environment);

    private async Task<string> FailsAsync(params string[] arguments) => (await Assert.ThrowsAsync<InvalidOperationException>(() => HelmAsync(arguments))).Message;

    private Dictionary<string, string> Environment => new(StringComparer.Ordinal) { ["KUBECONFIG"] = Path.Combine(_folder, "admin.yaml"), ["HOME"] = _folder };
}
