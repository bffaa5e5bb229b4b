using OsmExt.TestedKubernetes;

namespace OsmExt.Testing.ApiServer.Tests.Tools;

public class HelmTests
{
    [KubernetesToolsFact]
    public async Task A_chart_is_installed_upgraded_rolled_back_and_uninstalled()
    {
        await using var server = await ApiServer.StartAsync(new() { Controllers = true, ReadyPods = true });
        using var tool = new Tool(server);
        var chart = Chart(tool);
        Assert.Contains("0 chart(s) failed", await tool.Helm("lint", chart), StringComparison.Ordinal);
        Assert.Contains("kind: ConfigMap", await tool.Helm("template", "shop", chart), StringComparison.Ordinal);

        Assert.Contains("STATUS: deployed", await tool.Helm("install", "shop", chart, "--wait", "--timeout", "30s", "--create-namespace", "-n", "shops"), StringComparison.Ordinal);
        Assert.Equal("hello", await Greeting());
        Assert.Contains("shops.example.com", await tool.Kubectl("get", "crd", "-o", "name"), StringComparison.Ordinal);
        Assert.Equal("3", await tool.Kubectl("get", "shop", "main", "-n", "shops", "-o", "jsonpath={.spec.size}"));

        Assert.Contains("STATUS: deployed", await tool.Helm("upgrade", "shop", chart, "--wait", "--timeout", "30s", "-n", "shops", "--set", "greeting=good day", "--set", "extra=false"), StringComparison.Ordinal);
        Assert.Equal("good day", await Greeting());
        Assert.Contains("NotFound", await tool.Fails("kubectl", "get", "configmap", "shop-extra", "-n", "shops"), StringComparison.Ordinal);

        await tool.Helm("rollback", "shop", "1", "--wait", "--timeout", "30s", "-n", "shops");
        Assert.Equal("hello", await Greeting());
        await tool.Kubectl("get", "configmap", "shop-extra", "-n", "shops");
        Assert.Contains("\"revision\":3", (await tool.Helm("list", "-n", "shops", "-o", "json")).Replace("\"revision\":\"3\"", "\"revision\":3", StringComparison.Ordinal), StringComparison.Ordinal);

        Assert.Contains("uninstalled", await tool.Helm("uninstall", "shop", "--wait", "--timeout", "30s", "-n", "shops"), StringComparison.Ordinal);
        Assert.DoesNotContain("shop", await tool.Kubectl("get", "configmaps,services,secrets,deployments", "-n", "shops", "-o", "name"), StringComparison.Ordinal);
        Assert.DoesNotContain("shop", await tool.Kubectl("get", "clusterroles", "-o", "name"), StringComparison.Ordinal);

        Task<string> Greeting() => tool.Kubectl("get", "configmap", "shop", "-n", "shops", "-o", "jsonpath={.data.greeting}");
    }

    [KubernetesToolsFact]
    public async Task What_somebody_changed_meanwhile_is_a_conflict_at_the_next_upgrade()
    {
        await using var server = await ApiServer.StartAsync();
        using var tool = new Tool(server);
        var chart = Chart(tool);
        await tool.Helm("install", "shop", chart);
        await tool.Kubectl("patch", "configmap", "shop", "-p", """{"data":{"greeting":"by hand"}}""");
        Assert.Contains("conflict with \"kubectl-patch\"", await tool.Fails("helm", "upgrade", "shop", chart, "--set", "greeting=other"), StringComparison.Ordinal);
        await tool.Helm("upgrade", "shop", chart, "--set", "greeting=other", "--force-conflicts");
        Assert.Equal("other", await tool.Kubectl("get", "configmap", "shop", "-o", "jsonpath={.data.greeting}"));
    }

    private static string Chart(Tool tool)
    {
        tool.Write("chart/Chart.yaml", "{apiVersion: v2, name: shop, version: 0.1.0, description: A shop, icon: 'https://example.com/icon.png'}");
        tool.Write("chart/values.yaml", "{greeting: hello, extra: true}");
        tool.Write("chart/crds/shops.yaml", Schemas.CustomResourceTests.Definition);
        tool.Write("chart/templates/shop.yaml", """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}
            data: {greeting: {{ .Values.greeting | quote }}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}
            spec: {selector: {app: shop}, ports: [{name: http, port: 80, targetPort: 8080}, {name: https, port: 443, targetPort: 8443}]}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}
            spec:
              replicas: 2
              selector: {matchLabels: {app: shop}}
              template: {metadata: {labels: {app: shop}}, spec: {containers: [{name: main, image: 'shop:1', env: [{name: GREETING, value: {{ .Values.greeting | quote }}}]}]}}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: {{ .Release.Name }}-reader}
            rules: [{apiGroups: [''], resources: [pods], verbs: [get, list, watch]}]
            ---
            apiVersion: example.com/v1
            kind: Shop
            metadata: {name: main, namespace: {{ .Release.Namespace }}}
            spec: {size: 3}
            """);
        return Path.GetDirectoryName(tool.Write("chart/templates/extra.yaml", """
            {{- if .Values.extra }}
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: {{ .Release.Name }}-extra, namespace: {{ .Release.Namespace }}}
            {{- end }}
            """).Replace("/templates/extra.yaml", "/Chart.yaml", StringComparison.Ordinal))!;
    }
}
