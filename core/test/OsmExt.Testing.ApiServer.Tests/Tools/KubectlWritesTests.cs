using OsmExt.TestedKubernetes;

namespace OsmExt.Testing.ApiServer.Tests.Tools;

public class KubectlWritesTests
{
    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, labels: {app: web, old: 'yes'}}
        spec:
          replicas: 1
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - {name: main, image: 'main:1', env: [{name: A, value: '1'}, {name: B, value: '2'}], ports: [{containerPort: 80}]}
              - {name: second, image: 'second:1'}
        """;

    [KubernetesToolsFact]
    public async Task Apply_changes_what_changed_and_leaves_the_rest()
    {
        await using var server = await ApiServer.StartAsync();
        using var tool = new Tool(server);
        Assert.Contains("deployment.apps/web created", await tool.Kubectl("apply", "-f", tool.Write("a.yaml", Deployment)), StringComparison.Ordinal);
        Assert.Contains("deployment.apps/web unchanged", await tool.Kubectl("apply", "-f", tool.In("a.yaml")), StringComparison.Ordinal);
        await tool.Kubectl("scale", "deployment/web", "--replicas=1");
        await tool.Kubectl("label", "deployment/web", "by=hand");
        await tool.Kubectl("set", "image", "deployment/web", "second=second:2");
        await tool.Kubectl("set", "env", "deployment/web", "-c", "main", "C=3");
        tool.Write("a.yaml", Deployment.Replace(", old: 'yes'", "", StringComparison.Ordinal).Replace("main:1", "main:2", StringComparison.Ordinal).Replace("{name: A, value: '1'}, ", "", StringComparison.Ordinal));
        Assert.Contains("deployment.apps/web configured", await tool.Kubectl("apply", "-f", tool.In("a.yaml")), StringComparison.Ordinal);
        Assert.Equal("main:2 second:1 B=2 C=3 by=hand",
            await tool.Kubectl("get", "deployment/web", "-o", "jsonpath={.spec.template.spec.containers[*].image} {range .spec.template.spec.containers[0].env[*]}{.name}={.value} {end}by={.metadata.labels.by}{.metadata.labels.old}"));
        Assert.Empty(await tool.Kubectl("diff", "-f", tool.In("a.yaml")));
    }

    [KubernetesToolsFact]
    public async Task Apply_on_the_server_tells_of_conflicts_and_takes_by_force()
    {
        await using var server = await ApiServer.StartAsync();
        using var tool = new Tool(server);
        Assert.Contains("serverside-applied", await tool.Kubectl("apply", "--server-side", "-f", tool.Write("a.yaml", Deployment)), StringComparison.Ordinal);
        await tool.Kubectl("set", "image", "deployment/web", "main=main:7");
        var conflict = await tool.Fails("kubectl", "apply", "--server-side", "-f", tool.In("a.yaml"));
        Assert.Contains("Apply failed with 1 conflict: conflict with \"kubectl-set\" using apps/v1", conflict, StringComparison.Ordinal);
        Assert.Contains(".spec.template.spec.containers[name=\"main\"].image", conflict, StringComparison.Ordinal);
        await tool.Kubectl("apply", "--server-side", "--force-conflicts", "-f", tool.In("a.yaml"));
        Assert.Equal("main:1", await tool.Kubectl("get", "deployment/web", "-o", "jsonpath={.spec.template.spec.containers[0].image}"));
    }

    [KubernetesToolsFact]
    public async Task What_was_applied_by_the_client_can_be_applied_by_the_server()
    {
        await using var server = await ApiServer.StartAsync();
        using var tool = new Tool(server);
        await tool.Kubectl("apply", "-f", tool.Write("a.yaml", Deployment));
        tool.Write("a.yaml", Deployment.Replace("main:1", "main:2", StringComparison.Ordinal).Replace(", old: 'yes'", "", StringComparison.Ordinal));
        await tool.Kubectl("apply", "--server-side", "-f", tool.In("a.yaml"));
        Assert.Equal("main:2", await tool.Kubectl("get", "deployment/web", "-o", "jsonpath={.spec.template.spec.containers[0].image}{.metadata.labels.old}"));
    }

    [KubernetesToolsFact]
    public async Task Patches_of_all_types_are_taken()
    {
        await using var server = await ApiServer.StartAsync();
        using var tool = new Tool(server);
        await tool.Kubectl("create", "-f", tool.Write("a.yaml", Deployment));
        await tool.Kubectl("patch", "deployment/web", "-p", """{"spec":{"template":{"spec":{"containers":[{"name":"second","image":"second:9"}]}}}}""");
        await tool.Kubectl("patch", "deployment/web", "--type=json", "-p", """[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"main:9"}]""");
        await tool.Kubectl("patch", "deployment/web", "--type=merge", "-p", """{"metadata":{"labels":{"old":null}}}""");
        Assert.Equal("main:9 second:9", await tool.Kubectl("get", "deployment/web", "-o", "jsonpath={.spec.template.spec.containers[*].image}{.metadata.labels.old}"));
        Assert.Contains("The request is invalid: patch: remove operation does not apply: doc is missing path: /no/where", await tool.Fails("kubectl", "patch", "deployment/web", "--type=json", "-p", """[{"op":"remove","path":"/no/where"}]"""), StringComparison.Ordinal);
    }

    [KubernetesToolsFact]
    public async Task A_rollout_is_undone()
    {
        await using var server = await ApiServer.StartAsync(new() { Controllers = true, ReadyPods = true });
        using var tool = new Tool(server);
        await tool.Kubectl("create", "deployment", "web", "--image=web:1");
        await tool.Kubectl("rollout", "status", "deployment/web", "--timeout=30s");
        await tool.Kubectl("set", "image", "deployment/web", "web=web:2");
        await tool.Kubectl("rollout", "status", "deployment/web", "--timeout=30s");
        await tool.Kubectl("rollout", "undo", "deployment/web");
        await tool.Kubectl("rollout", "status", "deployment/web", "--timeout=30s");
        Assert.Equal("web:1", await tool.Kubectl("get", "deployment/web", "-o", "jsonpath={.spec.template.spec.containers[0].image}"));
        await tool.Kubectl("wait", "deployment/web", "--for=jsonpath={.metadata.annotations.deployment\\.kubernetes\\.io/revision}=3", "--timeout=30s");
    }

    [KubernetesToolsFact]
    public async Task Custom_resources_are_judged_at_apply()
    {
        await using var server = await ApiServer.StartAsync();
        using var tool = new Tool(server);
        await tool.Kubectl("apply", "-f", tool.Write("crd.yaml", Schemas.CustomResourceTests.Definition));
        await tool.Kubectl("wait", "--for=condition=Established", "crd/shops.example.com", "--timeout=10s");
        Assert.Contains("shop.example.com/a created", await tool.Kubectl("apply", "-f", tool.Write("a.yaml", "{apiVersion: example.com/v1, kind: Shop, metadata: {name: a}, spec: {size: 2}}")), StringComparison.Ordinal);
        Assert.Contains("strict decoding error: unknown field \"spec.sise\"",
            await tool.Fails("kubectl", "apply", "-f", tool.Write("b.yaml", "{apiVersion: example.com/v1, kind: Shop, metadata: {name: a}, spec: {size: 2, sise: 3}}")), StringComparison.Ordinal);
        Assert.Contains("The Shop \"a\" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1",
            await tool.Fails("kubectl", "apply", "-f", tool.Write("b.yaml", "{apiVersion: example.com/v1, kind: Shop, metadata: {name: a}, spec: {size: 0}}")), StringComparison.Ordinal);
    }

    [KubernetesToolsFact]
    public async Task Auth_can_i_says_what_enforcement_does()
    {
        await using var server = await ApiServer.StartAsync();
        using var admin = new Tool(server);
        await admin.Kubectl("create", "clusterrole", "reader", "--verb=get,list", "--resource=pods,deployments.apps");
        await admin.Kubectl("create", "rolebinding", "ann", "--clusterrole=reader", "--user=ann");
        using var ann = new Tool(server, "ann");
        Assert.Equal("yes\n", await ann.Kubectl("auth", "can-i", "list", "pods"));
        Assert.Equal("no\n", await ann.Fails("kubectl", "auth", "can-i", "delete", "pods"));
        Assert.Contains("deployments.apps", await ann.Kubectl("auth", "can-i", "--list"), StringComparison.Ordinal);
        Assert.Contains("No resources found", await ann.Kubectl("get", "pods"), StringComparison.Ordinal);
        Assert.Contains("Error from server (Forbidden): pods \"x\" is forbidden: User \"ann\" cannot delete resource \"pods\" in API group \"\" in the namespace \"default\"", await ann.Fails("kubectl", "delete", "pod", "x"), StringComparison.Ordinal);
        Assert.Equal("yes\n", await admin.Kubectl("auth", "can-i", "get", "pods", "--as=ann"));
        Assert.Contains("ann", await ann.Kubectl("auth", "whoami"), StringComparison.Ordinal);
    }
}
