using OsmExt.Interception;
using OsmExt.LocalRuntime.Envoy;
using OsmExt.LocalRuntime.Pods;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.LocalRuntime.Tests.Pods;

public sealed class PodPlannerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<string> _searches = [];
    private readonly string _envoy;

    public PodPlannerTests()
    {
        _directory.Write("images/app/app", "#!/bin/sh\n", executable: true);
        _envoy = _directory.Write("envoy", "#!/bin/sh\n", executable: true);
    }

    private static Pod App(string name, params string[] addresses)
        => Objects.Pod("shop", name, addresses) with { Containers = [new("app") { Image = "app:1" }] };

    [Fact]
    public async Task A_plan_changes_with_what_running_depends_on_and_with_nothing_else()
    {
        var pod = App("cart", "10.244.0.1");
        var plan = Assert.Single((await PlanAsync(new LocalPod(pod, true))).Plans);

        Assert.Equal(plan, await OnlyAsync(pod with { Metadata = pod.Metadata with { Labels = LabelSet.From([new("a", "b")]) } }));
        Assert.Equal(plan, await OnlyAsync(pod.With("prometheus.io/scrape", "true")));
        Assert.NotEqual(plan, await OnlyAsync(pod.With(InterceptionAnnotations.OutboundPorts, "25")));
        Assert.NotEqual(plan, await OnlyAsync(pod with { ServiceAccount = "other" }));
        Assert.NotEqual(plan, await OnlyAsync(pod with { Addresses = ["10.244.0.2"] }));
        Assert.NotEqual(plan, await OnlyAsync(pod with { Metadata = pod.Metadata with { Uid = "2" } }));
        Assert.NotEqual(plan, await OnlyAsync(pod with { Containers = [pod.Containers[0] with { Environment = LabelSet.From([new("a", "b")]) }] }));
        Assert.NotEqual(plan, Assert.Single((await PlanAsync(new LocalPod(pod, false))).Plans));

        // What the mesh's settings say, joined with the pod's own.
        var settings = new LocalPod(pod.With(InterceptionAnnotations.OutboundPorts, "25"), true) { Interception = new() { OutboundPortExclusions = [443], InterfaceExclusions = ["eth1"] }, ReachByPodAddress = true };
        var around = Assert.Single((await PlanAsync(settings)).Plans).Sidecar!.Interception;
        Assert.Equal([443, 25], around.OutboundPortExclusions);
        Assert.Equal(["eth1"], around.InterfaceExclusions);
        Assert.NotEmpty(around.PodAddresses);
    }

    [Fact]
    public async Task Every_pod_that_cannot_run_is_reported_and_the_others_are_planned()
    {
        var (plans, diagnostics) = await PlanAsync(
            new(App("good", "10.244.0.1"), true),
            new(App("no-address"), true),
            new(App("bad-address", "10.244.0.x"), false),
            new(App("same-address", "10.244.0.1"), false),
            new(App("no-image", "10.244.0.3") with { Containers = [new("app") { Image = "missing" }] }, false),
            new(App("bad-list", "10.244.0.4").With(InterceptionAnnotations.InboundPorts, "x"), true),
            new(App("bad-list-unmeshed", "10.244.0.5").With(InterceptionAnnotations.InboundPorts, "x"), false),
            new(App("on-node") with { HostNetwork = true }, true),
            new(App("../up", "10.244.0.7"), false),
            new(App("taken-name", "10.244.0.8") with { Containers = [new("envoy") { Image = "app" }] }, true),
            new(App("no-envoy", "10.244.0.6").With(LocalPod.EnvoyAnnotation, "/no/envoy"), true));

        Assert.Equal(["bad-list-unmeshed", "good"], plans.Select(plan => plan.Key.Name));
        Assert.Equal(
            [
                $"../up {DiagnosticCodes.InvalidValue} metadata.name",
                $"bad-address {DiagnosticCodes.InvalidValue} status.podIPs",
                $"bad-list {DiagnosticCodes.InvalidValue} metadata.annotations[{InterceptionAnnotations.InboundPorts}]",
                $"no-address {DiagnosticCodes.MissingField} status.podIPs",
                $"no-envoy {DiagnosticCodes.DanglingReference} metadata.annotations[{LocalPod.EnvoyAnnotation}]",
                $"no-image {DiagnosticCodes.DanglingReference} spec.containers[0].image",
                $"on-node {DiagnosticCodes.InvalidPolicy} spec.hostNetwork",
                $"same-address {DiagnosticCodes.Conflict} status.podIPs",
                $"taken-name {DiagnosticCodes.Conflict} spec.containers",
            ],
            diagnostics.Select(diagnostic => $"{diagnostic.Object!.Value.Name} {diagnostic.Code} {diagnostic.Field}"));
    }

    [Fact]
    public async Task A_pod_chooses_its_envoy_by_version_or_path()
    {
        var other = _directory.Write("other", "#!/bin/sh\n", executable: true);
        var (plans, _) = await PlanAsync(
            new(App("default", "10.244.0.1"), true),
            new(App("path", "10.244.0.2").With(LocalPod.EnvoyAnnotation, other), true),
            new(App("version", "10.244.0.3").With(LocalPod.EnvoyAnnotation, "1.36.2"), true),
            new(App("version-too", "10.244.0.4").With(LocalPod.EnvoyAnnotation, "1.36.2"), true));

        Assert.Equal([_envoy, other, "/bin/sh", "/bin/sh"], plans.Select(plan => plan.Sidecar!.Program));
        Assert.Equal(["1.36.2"], _searches);
    }

    public void Dispose() => _directory.Dispose();

    private async Task<PodPlan> OnlyAsync(Pod pod) => Assert.Single((await PlanAsync(new LocalPod(pod, true))).Plans);

    private Task<(IReadOnlyList<PodPlan> Plans, IReadOnlyList<Diagnostic> Diagnostics)> PlanAsync(params LocalPod[] pods)
        => new PodPlanner(TestMesh.Options("m", _directory.Path) with
        {
            EnvoyPath = _envoy,
            FindEnvoy = (version, _) =>
            {
                _searches.Add(version);
                return Task.FromResult(new EnvoySearchResult("/bin/sh", version, []));
            },
        }).PlanAsync(pods, default);
}
