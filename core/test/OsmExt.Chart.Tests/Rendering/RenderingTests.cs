using System.Text.Json.Nodes;
using OsmExt.Chart.Tests.Definitions;
using OsmExt.PluginHost.Manifests;
using OsmExt.TestedKubernetes;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Chart.Tests.Rendering;

/// <summary>What the chart makes of values.</summary>
public class RenderingTests
{
    private static readonly string[][] Matrix =
    [
        [],
        ["osm.osmController.autoScale.enable=true", "osm.osmController.enablePodDisruptionBudget=false"],
        ["osm.deployPrometheus=true", "osm.networkPolicy.enable=true", "contour.enabled=true"],
        ["osm.meshName=blue", "osm.osmNamespace=mesh", "osm.enforceSingleMesh=false", "osm.webhookConfigNamePrefix=inject", "osm.validatorWebhook.webhookConfigurationName=judge", "smi.validateTrafficTarget=false"],
        ["osm.image.registry=registry.example/mesh", "osm.image.tag=v2", "@osm.imagePullSecrets=[{\"name\":\"pull\"}]"],
        ["osm.image.digest.osmController=sha256:0123", "osm.osmController.bindAddress=[::]", "osm.controllerLogLevel=trace", "osm.osmController.drainSeconds=90"],
        ["osm.tracing.enable=true", "osm.enablePermissiveTrafficPolicy=false", "osm.featureFlags.enableRetryPolicy=true", "@osm.outboundIPRangeExclusionList=[\"10.0.0.0/8\",\"fd00::/8\"]", "@osm.inboundPortExclusionList=[22]"],
        ["osm.plugins.external-backend.enabled=true", "osm.plugins.lua.enabled=true", "osm.plugins.egress.enabled=false", "osm.plugins.mine.enabled=true"],
        ["@osm.osmController.tolerations=[{\"key\":\"a\",\"operator\":\"Exists\"}]", "@osm.controlPlaneTolerations=[{\"key\":\"b\",\"operator\":\"Exists\"}]", "@osm.osmController.nodeSelector={\"disk\":\"ssd\"}", "@osm.osmController.podLabels={\"team\":\"mesh\"}"],
    ];

    [KubernetesToolsFact]
    public async Task Every_combination_gives_objects_that_belong_together()
    {
        foreach (var settings in Matrix)
        {
            var objects = await Rendered.ObjectsAsync(settings);
            var ids = objects.Select(value => $"{value["apiVersion"]}/{value.Kind()}/{value.At("metadata.namespace")}/{value.Name()}").ToArray();
            Assert.Equal(ids.Distinct(StringComparer.Ordinal).Count(), ids.Length);
            Assert.All(objects, value => Assert.Equal("openservicemesh.io", value.At("metadata.labels")?["app.kubernetes.io/name"]?.ToString()));
            var ns = settings.Contains("osm.osmNamespace=mesh") ? "mesh" : "osm-system";
            Assert.All(objects.Where(value => value.At("metadata.namespace") is not null), value => Assert.Equal(ns, (string?)value.At("metadata.namespace")));
            Assert.All(objects.Where(value => value.Kind() is "ClusterRoleBinding" or "RoleBinding"), binding => Assert.Contains(objects, role => role.Kind() == (string?)binding.At("roleRef.kind") && role.Name() == (string?)binding.At("roleRef.name")));

            // What a webhook or a Service names is there.
            var ports = objects.Where(value => value.Kind() == "Service").ToDictionary(value => value.Name(), value => value.At("spec.ports")!.AsArray().Select(port => (long)port!["port"]!).ToArray(), StringComparer.Ordinal);
            foreach (var service in objects.Where(value => value.Kind().EndsWith("WebhookConfiguration", StringComparison.Ordinal)).SelectMany(value => value["webhooks"]!.AsArray()).Select(webhook => webhook.At("clientConfig.service")!))
            {
                Assert.Contains((long)service["port"]!, ports[(string)service["name"]!]);
            }

            var pod = objects.Single(value => value is { } && value.Kind() == "Deployment" && value.Name() == "osm-controller").At("spec.template")!;
            Assert.All(objects.Where(value => value.Kind() == "Service" && value.Name() != "osm-prometheus"), service => Assert.All(service.At("spec.selector")!.AsObject(), label => Assert.Equal(label.Value!.ToString(), pod.At("metadata.labels")![label.Key]?.ToString())));
        }
    }

    [KubernetesToolsFact]
    public async Task Helm_finds_no_fault()
    {
        var run = await Checkout.RunAsync(KubernetesTools.Find("helm")!, "lint", Checkout.Chart, "--strict");
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
    }

    [KubernetesToolsFact]
    public async Task The_default_rendering_is_as_it_was_read()
    {
        var file = Checkout.In("core/test/OsmExt.Chart.Tests/Rendering/default.verified.yaml");
        var text = await Rendered.TextAsync();
        if (Checkout.Accepts)
        {
            await File.WriteAllTextAsync(file, text);
        }

        Assert.Equal(await File.ReadAllTextAsync(file), text);
    }

    [KubernetesToolsFact]
    public async Task The_preset_is_a_MeshConfig_that_the_API_server_takes()
    {
        foreach (var settings in Matrix)
        {
            var preset = (await Rendered.ObjectsAsync(settings)).Single(value => value.Name() == "preset-mesh-config");
            var value = new JsonObject
            {
                ["apiVersion"] = "config.openservicemesh.io/v1alpha2", ["kind"] = "MeshConfig", ["metadata"] = new JsonObject { ["name"] = "osm-mesh-config" },
                ["spec"] = JsonNode.Parse((string)preset.At("data")!["preset-mesh-config.json"]!),
            };
            Assert.Empty(Definition.Of(value)!.Refusals(value));
        }
    }

    [KubernetesToolsFact]
    public async Task Pods_keep_to_the_restricted_profile()
    {
        foreach (var deployment in (await Rendered.ObjectsAsync("osm.deployPrometheus=true")).Where(value => value.Kind() == "Deployment"))
        {
            var pod = deployment.At("spec.template.spec")!;
            Assert.True((bool)pod.At("securityContext.runAsNonRoot")!);
            Assert.Equal("RuntimeDefault", (string?)pod.At("securityContext.seccompProfile.type"));
            Assert.DoesNotContain("host", pod.AsObject().Select(field => field.Key[..Math.Min(4, field.Key.Length)]));
            Assert.All(pod["volumes"]!.AsArray(), volume => Assert.True(volume!["emptyDir"] is not null || volume["configMap"] is not null));
            Assert.All(pod["containers"]!.AsArray(), container =>
            {
                Assert.False((bool)container.At("securityContext.allowPrivilegeEscalation")!);
                Assert.True((bool)container.At("securityContext.readOnlyRootFilesystem")!);
                Assert.Equal("[\"ALL\"]", container.At("securityContext.capabilities.drop")!.ToJsonString());
                Assert.Null(container.At("securityContext.capabilities.add"));
                Assert.NotNull(container!["readinessProbe"]);
                Assert.NotNull(container.At("resources.requests"));
            });
        }
    }

    [KubernetesToolsFact]
    public async Task A_dead_webhook_concerns_namespaces_of_the_mesh_only_and_never_the_meshs_own_settings()
    {
        var webhooks = (await Rendered.ObjectsAsync()).Where(value => value.Kind().EndsWith("WebhookConfiguration", StringComparison.Ordinal)).SelectMany(value => value["webhooks"]!.AsArray()).ToArray();
        Assert.Equal(3, webhooks.Length);
        foreach (var webhook in webhooks.Where(webhook => (string?)webhook!["failurePolicy"] == "Fail"))
        {
            Assert.Equal("osm", (string?)webhook.At("namespaceSelector.matchLabels")!["openservicemesh.io/monitored-by"]);
            var excluded = webhook.At("namespaceSelector.matchExpressions")!.AsArray().Single(entry => (string?)entry!["operator"] == "NotIn")!["values"]!.AsArray().Select(value => (string)value!);
            Assert.Superset(new HashSet<string> { "osm-system", "kube-system" }, excluded.ToHashSet());
        }

        var settings = Assert.Single(webhooks, webhook => (string?)webhook!["failurePolicy"] == "Ignore");
        Assert.Contains("meshconfigs", settings.At("rules.0.resources")!.AsArray().Select(resource => (string)resource!));
        Assert.All(webhooks, webhook => Assert.InRange((long)webhook!["timeoutSeconds"]!, 1, 10));
        Assert.All(webhooks.SelectMany(webhook => webhook!["rules"]!.AsArray()), rule => Assert.DoesNotContain("DELETE", rule!["operations"]!.AsArray().Select(operation => (string)operation!)));
    }

    [KubernetesToolsFact]
    public async Task All_kinds_are_judged_in_all_their_versions()
    {
        var rules = (await Rendered.ObjectsAsync([.. AllPlugins.Select(id => $"osm.plugins.{id}.enabled=true")])).Where(value => value.Kind() == "ValidatingWebhookConfiguration")
            .SelectMany(value => value["webhooks"]!.AsArray()).SelectMany(webhook => webhook!["rules"]!.AsArray()).ToArray();
        foreach (var definition in Definition.All)
        {
            var versions = rules.Where(rule => (string?)rule.At("apiGroups.0") == definition.Group && rule!["resources"]!.AsArray().Any(resource => (string)resource! == definition.Plural))
                .SelectMany(rule => rule!["apiVersions"]!.AsArray().Select(version => (string)version!)).ToHashSet(StringComparer.Ordinal);
            Assert.Superset(definition.Versions.Select(version => (string)version["name"]!).ToHashSet(StringComparer.Ordinal), versions);
        }
    }

    [Fact]
    public void The_charts_table_of_plugins_kinds_is_that_of_the_plugins()
    {
        var table = YamlText.Objects(File.ReadAllText(Path.Combine(Checkout.Chart, "files", "plugin-kinds.yaml"))).Single();
        foreach (var folder in PluginFolders.All)
        {
            var manifest = YamlText.Objects(File.ReadAllText(Path.Combine(folder, "plugin.yaml"))).Single();
            var kinds = (manifest["resources"] as JsonArray ?? []).Select(kind => $"{kind!["group"]} {string.Join(',', kind["versions"]!.AsArray())} {Plural((string)kind["kind"]!)}");
            var listed = table[(string)manifest["id"]!]!.AsArray().Select(kind => $"{kind!["group"]} {string.Join(',', kind["versions"]!.AsArray())} {kind["plural"]}");
            Assert.Equal(kinds, listed);
        }

        Assert.Equal(AllPlugins, table.Select(entry => entry.Key).Order(StringComparer.Ordinal));

        static string Plural(string kind) => Definition.All.FirstOrDefault(definition => definition.Kind == kind)?.Plural ?? Kubernetes.Crds.CustomKind.PluralOf(kind);
    }

    [KubernetesToolsFact]
    public async Task The_policy_for_plugins_grants_each_what_it_asks_for()
    {
        var policy = (await Rendered.ObjectsAsync([.. AllPlugins.Select(id => $"osm.plugins.{id}.enabled=true")])).Single(value => value.Name() == "osm-plugin-policy");
        var file = Path.Combine(Directory.CreateTempSubdirectory("osm-policy").FullName, "policy.yaml");
        await File.WriteAllTextAsync(file, (string)policy.At("data")!["policy.yaml"]!);
        foreach (var folder in PluginFolders.All)
        {
            var set = PluginHost.PluginSet.Load(folder, file, TimeProvider.System);
            Assert.Empty(set.Diagnostics.Where(finding => finding.Severity == Sdk.Diagnostics.Severity.Error));
            Assert.Single(set.Plugins);
        }
    }

    [KubernetesToolsFact]
    public async Task What_cannot_be_had_is_refused_in_words()
    {
        Assert.Contains("vault is not there yet", await Rendered.RefusalAsync("osm.certificateProvider.kind=vault"), StringComparison.Ordinal);
        Assert.Contains("osm.deployJaeger: this chart does not bring it", await Rendered.RefusalAsync("osm.deployJaeger=true"), StringComparison.Ordinal);
        Assert.Contains("additional properties 'enableEgres' not allowed", await Rendered.RefusalAsync("osm.enableEgres=true"), StringComparison.Ordinal);
        Assert.Contains("/osm/osmController/replicaCount", await Rendered.RefusalAsync("osm.osmController.replicaCount=0"), StringComparison.Ordinal);
        Assert.Contains("/osm/outboundIPRangeExclusionList/0", await Rendered.RefusalAsync("@osm.outboundIPRangeExclusionList=[\"10.0.0.0\"]"), StringComparison.Ordinal);
    }

    [KubernetesToolsFact]
    public async Task Values_of_OSM_are_taken_with_or_without_effect()
        => Assert.Equal(await Rendered.TextAsync(), await Rendered.TextAsync(
            "osm.injector.replicaCount=3", "osm.osmBootstrap.replicaCount=2", "osm.curlImage=curl", "osm.vault.host=vault", "osm.fluentBit.tag=1", "osm.cleanup.nodeSelector.a=b", "osm.image.name.osmCRDs=crds", "osm.featureFlags.enableSPIFFE=true",
            "contour.contour.image.tag=v1", "osm.enableReconciler=true"));

    [Fact]
    public void The_bundled_Prometheus_reads_sidecars_as_the_integration_says()
        => Assert.StartsWith(File.ReadAllText(Checkout.In("integrations/prometheus/prometheus.yaml")), File.ReadAllText(Path.Combine(Checkout.Chart, "files", "prometheus.yaml")), StringComparison.Ordinal);

    private static IEnumerable<string> AllPlugins => PluginFolders.All.Select(folder =>
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(Path.Combine(folder, "plugin.yaml"))));
        return (string)YamlJson.Of(stream.Documents[0].RootNode)!["id"]!;
    }).Order(StringComparer.Ordinal);
}
