using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Tests.Manifests;

public sealed class ManifestReaderTests
{
    [Fact]
    public void An_object_without_a_namespace_is_in_the_default_one()
    {
        Assert.Equal(new("Pod", "default", "p"), Manifest.One<Pod>("{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: []}}").Key);
        Assert.Equal(new("Pod", "default", "p"), Manifest.One<Pod>("{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: ''}, spec: {containers: []}}").Key);
    }

    [Theory]
    [InlineData("{containers: []}", "default")]
    [InlineData("{containers: [], serviceAccount: old}", "old")]
    [InlineData("{containers: [], serviceAccount: old, serviceAccountName: new}", "new")]
    [InlineData("{containers: [], serviceAccount: '', serviceAccountName: ''}", "default")]
    public void A_pod_runs_as_the_account_it_names(string spec, string account)
        => Assert.Equal(account, Manifest.One<Pod>($"{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {spec}}}").ServiceAccount);

    [Theory]
    [InlineData("{podIP: 10.0.0.1}", "10.0.0.1")]
    [InlineData("{podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.2}, {ip: 'FD00::0:1'}]}", "10.0.0.2, fd00::1")]
    [InlineData("{podIP: ''}", "")]
    public void A_pods_addresses_are_those_of_the_list_or_else_the_single_one(string status, string addresses)
    {
        var pod = Manifest.One<Pod>($"{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{containers: []}}, status: {status}}}");
        Assert.Equal(addresses, pod.Addresses.ToString());
    }

    [Fact]
    public void Merge_keys_and_anchors_mean_what_kubectl_makes_of_them()
    {
        var service = Manifest.One<Service>("""
            apiVersion: v1
            kind: Service
            metadata:
              name: web
              labels: &labels {app: web, tier: front}
            spec:
              selector:
                <<: *labels
                tier: back
              ports: [{port: 80}]
            """);

        Assert.Equal("app=web,tier=back", service.Selector.ToString());
    }

    [Fact]
    public void Json_and_yaml_give_the_same_object()
    {
        const string Json = "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"Service\",\n\t\"metadata\": {\"name\": \"web\", \"labels\": {\"a\": \"\\u00e9\\/\"}},"
            + "\n\t\"spec\": {\"ports\": [{\"port\": 80, \"targetPort\": \"http\"}]}\n}";
        const string Yaml = "apiVersion: v1\nkind: Service\nmetadata: {name: web, labels: {a: é/}}\nspec: {ports: [{port: 80, targetPort: http}]}\n";

        Assert.Equal(Manifest.One<Service>(Yaml), Manifest.One<Service>(Json));
        Assert.Equal(Manifest.One<Service>(Yaml), Manifest.One<Service>($"\uFEFF{Yaml.Replace("\n", "\r\n", StringComparison.Ordinal)}"));
    }

    [Fact]
    public void A_wrong_object_takes_no_other_with_it()
    {
        var file = Manifest.Read($"""
            {Manifest.Service("first")}
            ---
            {Manifest.Service("second", port: 70000)}
            ---
            a: [1,
            ---
            {Manifest.Service("third")}
            """);

        Assert.Equal(["first", "third"], file.Resources.Select(resource => resource.Metadata.Name));
        Assert.Equal(["first", "second", "third"], file.Objects.Select(found => found.Key.Name));
        Assert.Equal([DiagnosticCodes.Syntax, DiagnosticCodes.InvalidValue], file.Diagnostics.Select(found => found.Code));
        Assert.Equal(new(null, null, null, new("in.yaml", 14, 1)), Assert.Single(file.Unidentified));
    }

    [Fact]
    public void What_the_mesh_does_not_read_may_be_wrong()
    {
        var file = Manifest.Read("""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec: {replicas: many, template: {spec: {contaners: []}}}
            """);

        Assert.Equal(new WorkloadOwner(new("default", "web"), "Deployment"), Assert.Single(file.Resources));
        Assert.All(file.Diagnostics, found => Assert.Equal(Severity.Warning, found.Severity));
        Assert.Equal(["spec.replicas", "spec.template.spec.contaners"], file.Diagnostics.Select(found => found.Field));
    }

    [Fact]
    public void A_misspelt_list_of_sources_admits_nobody()
    {
        var target = Assert.IsType<TrafficTarget>(Assert.Single(Manifest.Read("""
            apiVersion: access.smi-spec.io/v1alpha2
            kind: TrafficTarget
            metadata: {name: t, namespace: shop}
            spec:
              destination: {kind: ServiceAccount, name: web}
              sourcs: [{kind: ServiceAccount, name: buyer}]
              rules: [{kind: HTTPRouteGroup, name: routes}]
            """).Resources));

        Assert.Empty(target.Sources);
        Assert.Equal(new IdentityReference("ServiceAccount", "", "web"), target.Destination);
        Assert.Equal(new TrafficTargetRule("HTTPRouteGroup", "routes", []), Assert.Single(target.Rules));
    }

    [Theory]
    [InlineData("{name: a, pathRegx: /x}")]
    [InlineData("{name: a, method: [GET]}")]
    [InlineData("{name: a, pathRegex: }")]
    [InlineData("{name: a, methods: null}")]
    [InlineData("{name: a, cookies: {a: b}}")]
    public void A_condition_that_cannot_be_understood_never_widens_a_match(string match)
    {
        var file = Manifest.Read($"{{apiVersion: specs.smi-spec.io/v1alpha4, kind: HTTPRouteGroup, metadata: {{name: r}}, spec: {{matches: [{match}]}}}}");

        Assert.Empty(file.Resources);
        Assert.Equal(Severity.Error, Assert.Single(file.Diagnostics).Severity);
    }

    [Fact]
    public void A_mesh_config_without_settings_is_the_closed_one()
        => Assert.Equal(
            new MeshConfig(new("osm-system", "osm-mesh-config")),
            Manifest.One<MeshConfig>("{apiVersion: config.openservicemesh.io/v1alpha1, kind: MeshConfig, metadata: {name: osm-mesh-config, namespace: osm-system}}"));

    [Fact]
    public void Labels_annotations_and_age_are_kept()
    {
        var metadata = Manifest.One<ServiceAccount>("""
            apiVersion: v1
            kind: ServiceAccount
            metadata:
              name: a.b
              creationTimestamp: 2025-03-01T12:00:00+02:00
              labels: {b: "2", a: "1"}
              annotations: {note: "yes"}
            imagePullSecrets: [{name: x}]
            """).Metadata;

        Assert.Equal(new DateTimeOffset(2025, 3, 1, 10, 0, 0, TimeSpan.Zero), metadata.Created);
        Assert.Equal(LabelSet.From([new("a", "1"), new("b", "2")]), metadata.Labels);
        Assert.Equal("note=yes", metadata.Annotations.ToString());
    }

    [Theory]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Not-A-Name}\ndta: {a: 5}\n")]
    [InlineData("apiVersion: networking.k8s.io/v1\nkind: Anything\n")]
    [InlineData("apiVersion: serving.knative.dev/v1\nkind: Service\n")]
    [InlineData("apiVersion: config.openservicemesh.io/v1alpha2\nkind: ExtensionService\n")]
    [InlineData("apiVersion: v1\nkind: SecretList\nitems: [{metadata: {name: a}}]\n")]
    [InlineData("# nothing\n---\n---\nnull\n")]
    [InlineData("")]
    public void What_is_none_of_the_meshs_business_is_passed_over_in_silence(string text)
    {
        var file = Manifest.Read(text);

        Assert.Empty(file.Objects);
        Assert.Empty(file.Unidentified);
        Assert.Empty(file.Diagnostics);
    }

    [Fact]
    public void Findings_about_one_object_are_bounded()
    {
        var ports = string.Join(", ", Enumerable.Range(0, 5000).Select(i => $"{{name: p{i}, port: 0}}"));
        var file = Manifest.Read($"{{apiVersion: v1, kind: Service, metadata: {{name: a}}, spec: {{ports: [{ports}]}}}}");

        Assert.Equal(101, file.Diagnostics.Count);
        Assert.Contains(file.Diagnostics, found => found.Message == "4900 more findings are not shown");
        Assert.Empty(file.Resources);
    }
}
