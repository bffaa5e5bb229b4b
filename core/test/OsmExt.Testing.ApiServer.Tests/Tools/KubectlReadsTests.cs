using OsmExt.TestedKubernetes;

namespace OsmExt.Testing.ApiServer.Tests.Tools;

public class KubectlReadsTests
{
    [KubernetesToolsFact]
    public async Task Get_prints_the_columns_of_kinds_and_describe_what_they_are()
    {
        await using var server = await ApiServer.StartAsync(new() { Controllers = true, ReadyPods = true });
        using var tool = new Tool(server);
        await tool.Kubectl("create", "deployment", "web", "--image=web:1", "--replicas=2", "--port=80");
        await tool.Kubectl("expose", "deployment", "web", "--port=8080", "--target-port=80");
        await tool.Kubectl("rollout", "status", "deployment/web", "--timeout=30s");
        Assert.Matches(@"NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +2/2 +2 +2 +\d+s", await tool.Kubectl("get", "deployments"));
        Assert.Matches(@"NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE\nweb +ClusterIP +10\.96\.\d+\.\d+ +<none> +8080/TCP", await tool.Kubectl("get", "svc"));
        Assert.Matches(@"web-\S+ +1/1 +Running +0 +\d+s +10\.244\.", await tool.Kubectl("get", "pods", "-o", "wide"));
        Assert.Matches(@"kube-system +Active", await tool.Kubectl("get", "ns"));
        Assert.Matches(@"Replicas: +2 desired \| 2 updated \| 2 total \| 2 available", await tool.Kubectl("describe", "deployment", "web"));
        Assert.Matches(@"Endpoints: +10\.244\.\d+\.\d+:80,10\.244", await tool.Kubectl("describe", "service", "web"));
        Assert.Equal("web", await tool.Kubectl("get", "deploy", "web", "-o", "go-template={{.metadata.name}}"));
    }

    [KubernetesToolsFact]
    public async Task Explain_knows_fields_of_built_in_and_custom_kinds()
    {
        await using var server = await ApiServer.StartAsync();
        using var tool = new Tool(server);
        Assert.Matches(@"rollingUpdate\s+<RollingUpdateDeployment>", await tool.Kubectl("explain", "deployment.spec.strategy"));
        Assert.Matches(@"containerPort\s+<integer>", await tool.Kubectl("explain", "pod.spec.containers.ports"));
        await tool.Kubectl("apply", "-f", tool.Write("crd.yaml", Schemas.CustomResourceTests.Definition));
        Assert.Matches(@"size\s+<integer>", await tool.Kubectl("explain", "shop.spec"));
        Assert.Contains("shops", await tool.Kubectl("api-resources", "--api-group=example.com"), StringComparison.Ordinal);
    }

    [KubernetesToolsFact]
    public async Task A_field_nobody_knows_is_refused()
    {
        await using var server = await ApiServer.StartAsync();
        using var tool = new Tool(server);
        Assert.Contains("strict decoding error: unknown field \"dataa\"",
            await tool.Fails("kubectl", "apply", "-f", tool.Write("a.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, dataa: {}}")), StringComparison.Ordinal);
        Assert.Contains("cannot unmarshal \"two\" into field spec.replicas",
            await tool.Fails("kubectl", "create", "--validate=false", "-f", tool.Write("a.yaml", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replicas: two}}")), StringComparison.Ordinal);
    }

    // kubectl sends what it makes itself as protobuf.
    [KubernetesToolsFact]
    public async Task What_kubectl_makes_itself_arrives_whole()
    {
        await using var server = await ApiServer.StartAsync();
        using var tool = new Tool(server);
        await tool.Kubectl("create", "namespace", "shop");
        await tool.Kubectl("create", "configmap", "c", "--from-literal=a=1", "--from-literal=b=");
        await tool.Kubectl("create", "secret", "generic", "s", "--from-literal=key=value");
        await tool.Kubectl("create", "deployment", "d", "--image=a:1", "--replicas=0", "--port=80", "--", "run", "it");
        await tool.Kubectl("create", "job", "j", "--image=a:1");
        await tool.Kubectl("create", "cronjob", "cj", "--image=a:1", "--schedule=* * * * *");
        await tool.Kubectl("create", "ingress", "i", "--rule=shop.test/*=web:80");
        await tool.Kubectl("create", "poddisruptionbudget", "p", "--selector=app=web", "--min-available=50%");
        await tool.Kubectl("create", "quota", "q", "--hard=cpu=1,memory=1G");
        await tool.Kubectl("create", "service", "clusterip", "web", "--tcp=80:http");
        await tool.Kubectl("create", "role", "r", "--verb=get,watch", "--resource=pods,deployments.apps/scale");
        Assert.Equal("1 value 0 run it 80", await tool.Kubectl("get", "configmap/c", "-o", "jsonpath={.data.a}{.data.b}") + " "
            + await tool.Kubectl("get", "secret/s", "-o", "go-template={{.data.key | base64decode}}") + " "
            + await tool.Kubectl("get", "deployment/d", "-o", "jsonpath={.spec.replicas} {.spec.template.spec.containers[0].command[*]} {.spec.template.spec.containers[0].ports[0].containerPort}"));
        Assert.Equal("50% 1G http shop.test Prefix", await tool.Kubectl("get", "pdb/p", "-o", "jsonpath={.spec.minAvailable}") + " " + await tool.Kubectl("get", "quota/q", "-o", "jsonpath={.spec.hard.memory}") + " "
            + await tool.Kubectl("get", "svc/web", "-o", "jsonpath={.spec.ports[0].targetPort}") + " " + await tool.Kubectl("get", "ing/i", "-o", "jsonpath={.spec.rules[0].host} {.spec.rules[0].http.paths[0].pathType}"));
        Assert.StartsWith("eyJ", await tool.Kubectl("create", "token", "default", "--duration=20m"), StringComparison.Ordinal);
    }

    [KubernetesToolsFact]
    public async Task Wait_watch_label_annotate_scale_and_delete()
    {
        await using var server = await ApiServer.StartAsync(new() { Controllers = true, ReadyPods = true });
        using var tool = new Tool(server);
        await tool.Kubectl("create", "deployment", "web", "--image=web:1");
        await tool.Kubectl("wait", "--for=condition=Available", "deployment/web", "--timeout=30s");
        await tool.Kubectl("scale", "deployment/web", "--replicas=3", "--current-replicas=1");
        await tool.Kubectl("rollout", "status", "deployment/web", "--timeout=30s");
        await tool.Kubectl("wait", "--for=condition=Ready", "pod", "--all", "--timeout=30s");
        await tool.Kubectl("label", "deployment/web", "tier=front");
        await tool.Kubectl("annotate", "deployment/web", "note=hello");
        Assert.Equal("front hello", await tool.Kubectl("get", "deploy", "-l", "tier=front", "-o", "jsonpath={.items[0].metadata.labels.tier} {.items[0].metadata.annotations.note}"));
        await tool.Kubectl("set", "image", "deployment/web", "web=web:2");
        await tool.Kubectl("rollout", "status", "deployment/web", "--timeout=30s");
        await tool.Kubectl("create", "job", "work", "--image=work:1");
        await tool.Kubectl("wait", "--for=condition=Complete", "job/work", "--timeout=30s");
        await tool.Kubectl("delete", "deployment/web", "job/work", "--cascade=foreground", "--timeout=30s");
        Assert.Contains("No resources found", await tool.Kubectl("get", "pods"), StringComparison.Ordinal);
        await tool.Kubectl("create", "namespace", "shop");
        await tool.Kubectl("run", "p", "-n", "shop", "--image=a");
        await tool.Kubectl("delete", "namespace", "shop", "--timeout=30s");
        Assert.Contains("not found", await tool.Fails("kubectl", "get", "ns", "shop"), StringComparison.Ordinal);
    }
}
