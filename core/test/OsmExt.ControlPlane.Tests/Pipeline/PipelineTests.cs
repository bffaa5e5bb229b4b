using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy;
using OsmExt.Compiler.Translation;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Envoy;
using OsmExt.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.Meshes;
using OsmExt.Xds.Snapshots;

namespace OsmExt.ControlPlane.Tests.Pipeline;

public class PipelineTests
{
    private static readonly Compiler.CompilerOptions Options = new();

    [Fact]
    public async Task Whatever_way_a_mesh_came_about_its_proxies_have_what_a_fresh_start_would_give()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            await using var plane = new TestControlPlane();
            var mesh = new RandomMesh(seed);
            plane.Apply(mesh.Objects().Select(Added));
            var scopes = plane.Ask(state => state.Proxies.All.Select(proxy => proxy.ScopeFor(Capabilities.OfRelease(Capabilities.NewestEnvoy))).ToHashSet());
            for (var step = 0; step < 12; step++)
            {
                foreach (var scope in scopes)
                {
                    plane.Ask(state => plane.Get<ScopePublisher>().Ensure(scope, state));
                }

                plane.Apply(mesh.Change());
            }

            foreach (var scope in scopes)
            {
                Assert.Equal(Fresh(plane, scope), Published(plane.Cache.Get(scope)!));
            }
        }
    }

    [Fact]
    public async Task An_endpoint_change_is_published_at_once_and_compiles_no_policy()
    {
        await using var plane = new TestControlPlane();
        var mesh = new GeneratedMesh(3);
        plane.Apply(mesh.Objects().Select(Added));
        var before = plane.Pipeline.State!.Index;
        var scope = plane.Ask(state => plane.Get<ScopePublisher>().Ensure(state.Proxies.All.First().ScopeFor(Capabilities.Baseline), state)).Scope;
        var published = plane.Cache.Get(scope)!;

        plane.Get<ResourceStore>().Apply(new([Added(mesh.Endpoints(1, ready: 1))], [], true, plane.Time.GetTimestamp()));
        plane.Pipeline.Turn();

        var change = Assert.Single(plane.Cache.Get(scope)!.ChangesSince(published));
        Assert.Equal((TypeUrls.Endpoint, "ns-000/svc-00001|8080"), (change.TypeUrl, change.Name));
        plane.Time.Advance(TimeSpan.FromSeconds(5));
        plane.Pipeline.Turn();
        Assert.Same(before, plane.Pipeline.State!.Index);
    }

    [Fact]
    public async Task A_pod_like_those_already_there_compiles_no_policy()
    {
        await using var plane = new TestControlPlane();
        var mesh = new GeneratedMesh(3);
        plane.Apply(mesh.Objects().Select(Added));
        var before = plane.Pipeline.State!.Index;
        var pod = mesh.Service(1).OfType<Pod>().First();
        var another = pod with { Metadata = new(pod.Metadata.Namespace, "another") { Labels = pod.Metadata.Labels }, Addresses = ["10.200.0.1"] };

        plane.Apply(Added(another));

        Assert.Same(before, plane.Pipeline.State!.Index);
        Assert.NotNull(plane.Pipeline.State.Proxies.Find(another.Key));
    }

    [Fact]
    public async Task A_pod_in_the_place_of_all_of_its_shape_compiles_no_policy_and_one_of_another_shape_does()
    {
        await using var plane = new TestControlPlane();
        var mesh = new GeneratedMesh(3);
        plane.Apply(mesh.Objects().Select(Added));
        var before = plane.Pipeline.State!.Index;
        var pods = mesh.Service(1).OfType<Pod>().ToArray();
        var another = pods[0] with { Metadata = new(pods[0].Metadata.Namespace, "another") { Labels = pods[0].Metadata.Labels }, Addresses = ["10.200.0.1"] };

        plane.Apply([.. pods.Select(pod => new ResourceChange(pod.Key, null)), Added(another)]);
        Assert.Same(before, plane.Pipeline.State!.Index);
        Assert.NotNull(plane.Pipeline.State.Proxies.Find(another.Key));
        Assert.Null(plane.Pipeline.State.Proxies.Find(pods[0].Key));

        plane.Apply(Added(another with { ServiceAccount = "somebody-else" }));
        Assert.Contains(plane.Pipeline.State!.Index.Mesh.Services, service => service.Identities.Any(identity => identity.ServiceAccount == "somebody-else"));
    }

    [Fact]
    public async Task Policy_of_a_quiet_namespace_is_compiled_at_once_and_that_of_a_busy_one_waits_but_not_for_ever()
    {
        await using var plane = new TestControlPlane();
        var mesh = new GeneratedMesh(2);
        plane.Apply(mesh.Objects().Select(Added));
        plane.Time.Advance(TimeSpan.FromSeconds(1));
        Touch(plane, 0);
        Assert.Equal(3, plane.Pipeline.State!.Index.Mesh.Services.Count);
        var (compiled, longest, waited) = (0, 0, 0);
        for (var burst = 1; burst < 200; burst++)
        {
            plane.Time.Advance(TimeSpan.FromMilliseconds(5));
            var before = plane.Pipeline.State.Index.Mesh.Services.Count;
            Touch(plane, burst);
            waited = plane.Pipeline.State.Index.Mesh.Services.Count == before ? waited + 5 : 0;
            compiled += waited == 0 ? 1 : 0;
            longest = Math.Max(longest, waited);
        }

        // A second of change every 5 ms. By this clock the work takes no time, so nobody is waited for longer than five times 10 ms.
        Assert.InRange(compiled, 17, 20);
        Assert.InRange(longest, 45, 50);

        static void Touch(TestControlPlane plane, int burst)
        {
            plane.Get<ResourceStore>().Apply(new(
                [Added(new Service(new("ns-000", $"extra-{burst}")) { ClusterAddresses = [$"10.97.0.{burst}"], Ports = [new ServicePort("", 80)] })], [], true, plane.Time.GetTimestamp()));
            plane.Pipeline.Turn();
        }
    }

    [Fact]
    public async Task Adding_a_service_changes_only_what_is_its_own()
    {
        await using var plane = new TestControlPlane();
        var mesh = new GeneratedMesh(50);
        plane.Apply(mesh.Objects().Select(Added));
        var scope = plane.Ask(state => plane.Get<ScopePublisher>().Ensure(state.Proxies.All.First().ScopeFor(Capabilities.Baseline), state)).Scope;
        var before = plane.Cache.Get(scope)!;

        plane.Apply(mesh.Service(50).Select(Added).Append(Added(new Namespace(new("", GeneratedMesh.NamespaceOf(50)) { Labels = [new("openservicemesh.io/monitored-by", "osm")] }))));

        Assert.Equal(
            [TypeUrls.Cluster, TypeUrls.Endpoint, TypeUrls.Route, TypeUrls.Secret],
            plane.Cache.Get(scope)!.ChangesSince(before).Select(change => change.TypeUrl).Order(StringComparer.Ordinal));
    }

    private static ResourceChange Added(Resource resource) => new(resource.Key, resource);

    private static string[] Published(XdsSnapshot snapshot)
        => [.. snapshot.TypeUrls.SelectMany(type => snapshot.InOrder(type)).Where(NotCertificate).Select(resource => resource.ToString())];

    // A certificate's version depends on the authority, not on the mesh.
    private static bool NotCertificate(XdsResource resource) => !resource.Name.StartsWith("service-cert:", StringComparison.Ordinal);

    private static string[] Fresh(TestControlPlane plane, ProxyScope scope)
    {
        var again = ResourceSnapshot.Of(plane.Get<ResourceStore>().Snapshot.AllObjects());
        var endpoints = EndpointTable.Of(again, Options);
        var view = ScopeView.Of(new(PolicyCompiler.Compile(again, endpoints, Options).Mesh), scope);
        return Published(XdsSnapshot.Create(1, [.. XdsTranslator.Policy(view).Resources, .. XdsTranslator.Endpoints(view, endpoints), .. Trust(view)]));

        IEnumerable<XdsResource> Trust(ScopeView view)
            => Secrets.Trust(view, plane.Get<CertificateAuthority>().Bundle);
    }
}
