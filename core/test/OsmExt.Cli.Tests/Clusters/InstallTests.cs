using System.Text.Json.Nodes;
using OsmExt.TestedKubernetes;

namespace OsmExt.Cli.Tests.Clusters;

/// <summary><c>osm install</c>, <c>upgrade</c> and <c>uninstall</c>, with helm as it is published.</summary>
public class InstallTests
{
    private static string Helm => $"--helm {KubernetesTools.Find("helm")}";

    [KubernetesToolsFact]
    public async Task A_mesh_is_installed_changed_and_removed_without_a_trace()
    {
        await using var cluster = await TestCluster.StartWithPodsAsync();
        var before = await NamesAsync(cluster);

        var dry = await cluster.OsmAsync($"install {Helm} --dry-run --mesh-name east");
        Assert.Equal(0, dry.ExitCode);
        Assert.Contains("kind: Deployment", dry.Output, StringComparison.Ordinal);
        Assert.Contains("--mesh-name=east", dry.Output, StringComparison.Ordinal);
        Assert.Equal(before, await NamesAsync(cluster));

        var installed = await cluster.OsmAsync($"install {Helm} --timeout 90s --mesh-name east --set osm.osmController.replicaCount=3");
        Assert.True(installed.ExitCode == 0, installed.Errors);
        Assert.Contains("Mesh east is installed in namespace osm-system.", installed.Output, StringComparison.Ordinal);
        Assert.Equal(3, (int)(await DeploymentAsync(cluster))["spec"]!["replicas"]!);

        var again = await cluster.OsmAsync($"install {Helm} --timeout 90s --mesh-name east");
        Assert.Equal((2, ""), (again.ExitCode, again.Output));
        Assert.Contains("mesh east is there already, in namespace osm-system; osm mesh upgrade --mesh-name east changes it", again.Errors, StringComparison.Ordinal);
        var second = await cluster.OsmAsync($"install {Helm} --timeout 90s --osm-namespace other");
        Assert.Contains("mesh east is there, in namespace osm-system; --enforce-single-mesh=false makes a second one", second.Errors, StringComparison.Ordinal);

        // What was set before stays set, and the name is the mesh's.
        var upgraded = await cluster.OsmAsync($"mesh upgrade {Helm} --timeout 90s --mesh-name east --set osm.controllerLogLevel=debug");
        Assert.True(upgraded.ExitCode == 0, upgraded.Errors);
        var deployment = await DeploymentAsync(cluster);
        Assert.Equal((3, "east"), ((int)deployment["spec"]!["replicas"]!, (string)deployment["metadata"]!["labels"]!["meshName"]!));
        Assert.Contains("--verbosity=Debug", deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["args"]!.AsArray().Select(argument => (string)argument!));

        await cluster.CreateAsync(ClusterObjects.Namespace("shop"));
        Assert.Equal(0, (await cluster.OsmAsync("namespace add shop --mesh-name east")).ExitCode);
        var removed = await cluster.OsmAsync($"uninstall mesh {Helm} -f -a --delete-namespace");
        Assert.True(removed.ExitCode == 0, removed.Errors);
        Assert.Contains("Mesh east in namespace osm-system is uninstalled.\nNamespace shop is in no mesh any more.\n", removed.Output, StringComparison.Ordinal);
        Assert.Null((await cluster.GetAsync("api/v1/namespaces/shop"))["metadata"]!["labels"]?["openservicemesh.io/monitored-by"]);
        Assert.Equal(before, await NamesAsync(cluster));
    }

    [KubernetesToolsFact]
    public async Task When_it_does_not_become_ready_the_pods_say_why()
    {
        // Nobody makes pods of Deployments here, so that it waits in vain.
        await using var cluster = await TestCluster.StartAsync("""
            apiVersion: v1
            kind: Namespace
            metadata: {name: osm-system}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: osm-controller-1, namespace: osm-system, labels: {job: test} }
            spec: {containers: [{name: osm-controller, image: nowhere/osm} ] }
            status: {phase: Pending, containerStatuses: [{name: osm-controller, image: nowhere/osm, imageID: "", ready: false, restartCount: 0, state: {waiting: {reason: ImagePullBackOff} } } ] }
            ---
            apiVersion: v1
            kind: Event
            metadata: {name: osm-controller-1.1, namespace: osm-system}
            involvedObject: {kind: Pod, namespace: osm-system, name: osm-controller-1}
            type: Warning
            reason: Failed
            message: nowhere/osm cannot be pulled
            """);

        var run = await cluster.OsmAsync($"install {Helm} --timeout 3s");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("\n  osm-controller-1: ImagePullBackOff\n", run.Errors, StringComparison.Ordinal);
        Assert.Contains("osm: mesh osm is not installed: helm says: ", run.Errors, StringComparison.Ordinal);
        Assert.Contains("\n  pod osm-controller-1: ImagePullBackOff\n  pod osm-controller-1: Failed: nowhere/osm cannot be pulled\n", run.Errors, StringComparison.Ordinal);
    }

    [KubernetesToolsFact]
    public async Task What_is_in_the_way_is_said_before_anything_is_changed()
    {
        await using var cluster = await TestCluster.StartAsync("""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: trafficsplits.split.smi-spec.io}
            spec:
              group: split.smi-spec.io
              scope: Namespaced
              names: {kind: TrafficSplit, plural: trafficsplits, singular: trafficsplit}
              versions:
              - {name: v1alpha1, served: true, storage: true, schema: {openAPIV3Schema: {type: object} } }
            """);
        var before = await NamesAsync(cluster);

        var foreign = await cluster.OsmAsync($"install {Helm} --timeout 0");
        Assert.Equal((2, ""), (foreign.ExitCode, foreign.Output));
        Assert.Contains("the definition trafficsplits.split.smi-spec.io is there and somebody else's, and does not serve v1alpha4", foreign.Errors, StringComparison.Ordinal);
        Assert.Equal(before, await NamesAsync(cluster));

        var missing = await cluster.OsmAsync("install --helm /nowhere/helm");
        Assert.Equal((3, ""), (missing.ExitCode, missing.Output));
        Assert.Contains("osm install --print-chart DIR writes it", missing.Errors, StringComparison.Ordinal);

        var malformed = await cluster.OsmAsync("install --set osm.meshName");
        Assert.Equal(2, malformed.ExitCode);
        Assert.Contains("invalid format for --set: \"osm.meshName\"; write NAME=VALUE", malformed.Errors, StringComparison.Ordinal);

        var wrong = await cluster.OsmAsync($"install {Helm} --set osm.enforceSingleMeshes=true --timeout 0");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("the chart cannot be rendered: helm says: ", wrong.Errors, StringComparison.Ordinal);
    }

    [KubernetesToolsFact]
    public async Task Whoever_may_not_install_learns_what_is_missing()
    {
        await using var cluster = await TestCluster.StartAsync();

        var run = await Osm.RunAsync("install", "--helm", KubernetesTools.Find("helm")!, "--timeout", "0", "--kubeconfig", cluster.KubeconfigOf("jane"));

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("does not allow this: deployments.apps is forbidden: User \"jane\" cannot list resource \"deployments\"", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_chart_is_in_the_program_and_can_be_written_for_other_tools()
    {
        using var directory = new TempDirectory();
        var target = Path.Join(directory.Path, "chart");

        var run = await Osm.RunAsync("install", "--print-chart", target);

        Assert.Equal((0, $"The chart is in {target}.\n"), (run.ExitCode, run.Output));
        Assert.Contains("name: osm", await File.ReadAllTextAsync(Path.Join(target, "Chart.yaml")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Join(target, "templates", "_helpers.tpl")));
        Assert.Equal(2, (await Osm.RunAsync("install", "--print-chart", target)).ExitCode);
    }

    private static Task<JsonObject> DeploymentAsync(TestCluster cluster) => cluster.GetAsync("apis/apps/v1/namespaces/osm-system/deployments/osm-controller");

    // Everything a chart may make.
    private static async Task<string[]> NamesAsync(TestCluster cluster)
    {
        var names = new List<string>();
        foreach (var path in (string[])["api/v1/namespaces", "api/v1/services", "api/v1/secrets", "api/v1/configmaps", "api/v1/serviceaccounts", "apis/apps/v1/deployments", "apis/policy/v1/poddisruptionbudgets",
            "apis/rbac.authorization.k8s.io/v1/clusterroles", "apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            "apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", "apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"])
        {
            names.AddRange((await cluster.GetAsync(path))["items"]!.AsArray().Select(item => $"{path} {item!["metadata"]!["namespace"]}/{item["metadata"]!["name"]}").Where(name => !name.Contains(" shop/", StringComparison.Ordinal) && !name.EndsWith("/shop", StringComparison.Ordinal)));
        }

        return [.. names.Order(StringComparer.Ordinal)];
    }
}
