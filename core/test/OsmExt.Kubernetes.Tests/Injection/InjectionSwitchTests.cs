using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Injection;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Tests.Injection;

/// <summary>The truth table of injection.</summary>
public sealed class InjectionSwitchTests
{
    private const string Enabled = "enabled";

    [Theory]
    [InlineData("enabled", null, true)]
    [InlineData("enabled", "disabled", true)]
    [InlineData("Yes", "no", true)]
    [InlineData("TRUE", "FALSE", true)]
    [InlineData("disabled", "enabled", false)]
    [InlineData("no", null, false)]
    [InlineData("false", "true", false)]
    [InlineData(null, "enabled", true)]
    [InlineData(null, "disabled", false)]
    [InlineData(null, null, false)]
    [InlineData("on", "enabled", null)]
    [InlineData("", null, null)]
    [InlineData("enabled", "maybe", null)]
    [InlineData(null, "maybe", null)]
    public void The_pod_s_word_counts_before_the_namespace_s(string? pod, string? ns, bool? injected)
    {
        var outcome = Inject(Pod(pod), Ns("shop", ns));

        Assert.Equal(injected, outcome.IsRefused ? null : outcome.Pod is not null);
        Assert.Equal(injected is null, outcome.Diagnostics.Any(found => found.Field == $"metadata.annotations[{WellKnown.Switch}]"));
    }

    [Theory]
    [InlineData("osm-system", WellKnown.MonitoredBy, "osm", "pods of namespace osm-system get no sidecar")]
    [InlineData("kube-system", WellKnown.MonitoredBy, "osm", "pods of namespace kube-system get no sidecar")]
    [InlineData("kube-public", WellKnown.MonitoredBy, "osm", "pods of namespace kube-public get no sidecar")]
    [InlineData("shop", WellKnown.MonitoredBy, "other", "namespace shop is not part of mesh osm")]
    [InlineData("shop", "team", "a", "namespace shop is not part of mesh osm")]
    [InlineData("shop", WellKnown.Ignore, "", "namespace shop is labelled openservicemesh.io/ignore")]
    [InlineData("shop", WellKnown.ControlPlane, "x", "namespace shop is labelled control-plane")]
    public void Some_namespaces_are_left_alone_whatever_a_pod_says(string name, string label, string value, string reason)
    {
        var ns = new Namespace(new("", name) { Labels = LabelSet.From([new(label, value)]), Annotations = LabelSet.From([new(WellKnown.Switch, Enabled)]) });

        var outcome = Inject(Pod(Enabled, name), ns);

        Assert.Null(outcome.Pod);
        Assert.Equal(reason, outcome.Reason);
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData(Enabled, 1)]
    public void A_pod_on_the_node_s_network_is_left_alone_and_told_so_when_it_asked(string? asked, int warnings)
    {
        var pod = Pod(asked);
        pod["spec"]!["hostNetwork"] = true;

        var outcome = Inject(pod, Ns("shop", Enabled));

        Assert.Null(outcome.Pod);
        Assert.Equal("a pod on the node's network cannot have a sidecar", outcome.Reason);
        Assert.Equal(warnings, outcome.Diagnostics.Count);
    }

    [Fact]
    public void Without_images_nothing_is_injected_and_every_one_is_named()
    {
        var outcome = SidecarInjector.Inject(new(Pod(Enabled), "shop"), Ns("shop", null), new(), Guid.Empty);

        Assert.True(outcome.IsRefused);
        Assert.Equal(3, outcome.Diagnostics.Count);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"spec": 5, "metadata": []}""")]
    [InlineData("""{"spec": {"containers": {}, "initContainers": "x", "volumes": 1}, "metadata": {"annotations": {"a": 1}, "labels": null}}""")]
    [InlineData("""{"spec": {"containers": [null, 5, {"name": 7, "ports": [{"containerPort": "x"}], "livenessProbe": {"httpGet": {"port": [], "path": 1}}}]}}""")]
    public void A_pod_that_is_none_makes_no_exception(string json)
    {
        var outcome = Inject(JsonNode.Parse(json)!.AsObject(), Ns("shop", Enabled));

        Assert.True(outcome.Pod is not null || outcome.IsRefused);
    }

    private static OsmExt.Kubernetes.Injection.Injection Inject(JsonObject pod, Namespace ns)
        => SidecarInjector.Inject(new(pod, ns.Metadata.Name), ns, InjectionCaseTests.Settings(""), Guid.Empty);

    private static JsonObject Pod(string? annotation, string ns = "shop") => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = "cart", ["namespace"] = ns, ["annotations"] = annotation is null ? null : new JsonObject { [WellKnown.Switch] = annotation },
        },
        ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "cart", ["image"] = "cart:1" }) },
    };

    private static Namespace Ns(string name, string? annotation) => new(new("", name)
    {
        Labels = LabelSet.From([new(WellKnown.MonitoredBy, "osm")]),
        Annotations = annotation is null ? LabelSet.Empty : LabelSet.From([new(WellKnown.Switch, annotation)]),
    });
}
