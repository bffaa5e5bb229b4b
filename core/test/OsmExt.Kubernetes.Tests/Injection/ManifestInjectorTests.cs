using OsmExt.Kubernetes.Injection;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Tests.Injection;

/// <summary>What <c>osm inject</c> does to files.</summary>
public sealed class ManifestInjectorTests
{
    private const string Untouched = """
        # A comment that stays.
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings,   namespace: shop}
        data:
          odd: 'quoted'   # as it is

        """;

    [Theory]
    [InlineData("Deployment", "apps/v1", "spec.template.")]
    [InlineData("StatefulSet", "apps/v1", "spec.template.")]
    [InlineData("DaemonSet", "apps/v1", "spec.template.")]
    [InlineData("ReplicaSet", "apps/v1", "spec.template.")]
    [InlineData("Job", "batch/v1", "spec.template.")]
    [InlineData("CronJob", "batch/v1", "spec.jobTemplate.spec.template.")]
    public void What_makes_pods_makes_pods_with_sidecars(string kind, string apiVersion, string place)
    {
        var template = """{"metadata":{"labels":{"app":"cart"}},"spec":{"containers":[{"name":"cart","image":"cart:1"}]}}""";
        var spec = kind == "CronJob" ? $$$"""{"schedule":"* * * * *","jobTemplate":{"spec":{"template": {{{template}}} } } }""" : $$$"""{"template": {{{template}}} }""";
        var text = $"{Untouched}---\napiVersion: {apiVersion}\nkind: {kind}\nmetadata: {{name: cart}}\nspec: {spec}\n---\n{Untouched}";

        var (injected, outcomes, diagnostics) = Inject(text);

        Assert.Empty(diagnostics);
        Assert.Equal((new ResourceKey(kind, "shop", "cart"), "injected"), Assert.Single(outcomes));
        Assert.StartsWith($"{Untouched}---\napiVersion: {apiVersion}\n", injected, StringComparison.Ordinal);
        Assert.EndsWith($"\n---\n{Untouched}", injected, StringComparison.Ordinal);
        Assert.Contains("name: osm-agent", injected, StringComparison.Ordinal);
        Assert.DoesNotContain(WellKnown.ProxyUuid, injected, StringComparison.Ordinal);
        Assert.Empty(ManifestReader.Read(injected, "x").Diagnostics);
        Assert.Equal(injected, Inject(injected).Text);

        var refused = Inject(text.Replace("\"name\":\"cart\"", "\"name\":\"envoy\"", StringComparison.Ordinal));
        Assert.Equal($"{place}spec.containers[0].name", Assert.Single(refused.Diagnostics).Field);
        Assert.Equal(kind, refused.Diagnostics.Single().Object!.Value.Kind);
    }

    [Fact]
    public void Lists_are_gone_through_and_switches_are_heard()
    {
        const string Pod = """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"NAME","annotations":{"openservicemesh.io/sidecar-injection":"SWITCH"}},"spec":{"containers":[{"name":"c","image":"i"}]}}""";
        string Named(string name, string value) => Pod.Replace("NAME", name, StringComparison.Ordinal).Replace("SWITCH", value, StringComparison.Ordinal);
        var text = $$"""{"apiVersion":"v1","kind":"List","items":[{{Named("a", "enabled")}},{{Named("b", "disabled")}},{{Named("c", "perhaps")}}]}""";

        var (injected, outcomes, diagnostics) = Inject(text);

        Assert.Equal(["injected", "the pod disables sidecar injection", "refused"], outcomes.Select(entry => entry.Outcome));
        Assert.Single(diagnostics);
        Assert.Equal(1, injected.Split("name: osm-agent").Length - 1);
    }

    [Fact]
    public void A_text_that_is_no_yaml_is_left_alone_and_says_where()
    {
        var (text, outcomes, diagnostics) = Inject("kind: [\n");
        Assert.Equal(("kind: [\n", 0), (text, outcomes.Count));
        Assert.NotNull(Assert.Single(diagnostics).Location);
    }

    private static (string Text, IReadOnlyList<(ResourceKey Object, string Outcome)> Outcomes, EquatableArray<Sdk.Diagnostics.Diagnostic> Diagnostics) Inject(string text)
        => new ManifestInjector(
            InjectionCaseTests.Settings("# native"),
            name => new(new("", name) { Labels = LabelSet.From([new(WellKnown.MonitoredBy, "osm")]), Annotations = LabelSet.From([new(WellKnown.Switch, "enabled")]) }),
            "shop").Inject(text, "in.yaml");
}
