using OsmExt.Kubernetes.Sources;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Tests.Manifests;

public sealed class RealisticManifestTests
{
    [Theory]
    [InlineData("full-pod.yaml", 1)]
    [InlineData("full-workloads.yaml", 8)]
    [InlineData("bookstore/namespaces.yaml", 4)]
    [InlineData("bookstore/bookstore.yaml", 5)]
    [InlineData("bookstore/policies.yaml", 4)]
    [InlineData("bookstore/mesh.json", 1)]
    public void Manifests_as_people_write_them_are_read_without_a_finding(string sample, int objects)
    {
        var file = Manifest.Read(Manifest.Sample(sample));

        Assert.Empty(Mistakes(file.Diagnostics));
        Assert.Empty(file.Unidentified);
        Assert.Equal(objects, file.Resources.Count());
    }

    [Fact]
    public void The_bookstore_becomes_a_snapshot()
    {
        var batch = ManifestDirectory.Load(Manifest.SamplePath("bookstore"));
        var snapshot = ResourceSnapshot.Empty.Apply(batch, out var changed);

        Assert.True(batch.IsSynced);
        Assert.Empty(Mistakes(batch.Diagnostics));
        Assert.Equal(14, changed.Length);
        Assert.Equal("bookstore.yaml:9:5", snapshot.LocationOf(new("Service", "bookstore", "bookstore"))!.ToString());
        Assert.Equal("osm", snapshot.Find<Namespace>(new("Namespace", "", "bookbuyer"))!.Metadata.Labels["openservicemesh.io/monitored-by"]);

        var pod = Assert.Single(snapshot.All<Pod>());
        Assert.Equal(new OwnerReference("ReplicaSet", "bookstore-v1-7c8d"), pod.Metadata.Controller);
        Assert.Equal("6f1b6f8e-9d0a-4f4e-8a2c-0a5b3f3a8a11", pod.Metadata.Uid);
        Assert.Equal(("bookstore-v1", ""), (pod.ServiceAccount, pod.Hostname));
        Assert.Equal(["10.244.1.7", "fd00:10:244:1::7"], pod.Addresses);
        var container = Assert.Single(pod.Containers);
        Assert.Equal(
            new Container("bookstore")
            {
                Image = "example/bookstore:v1.2",
                Command = ["/bookstore"],
                Arguments = ["--port", "14001"],
                Environment = LabelSet.From([new("IDENTITY", "bookstore-v1")]),
                Ports = [new("web", 14001)],
            },
            container);
    }

    [Fact]
    public void Services_and_endpoints_keep_what_the_mesh_routes_by()
    {
        var snapshot = ResourceSnapshot.Empty.Apply(ManifestDirectory.Load(Manifest.SamplePath("bookstore")), out _);

        var service = snapshot.Find<Service>(new("Service", "bookstore", "bookstore"))!;
        Assert.Equal(["10.96.0.10", "fd00:10:96::a"], service.ClusterAddresses);
        Assert.Equal(new ServicePort("bookstore-port", 14001) { AppProtocol = "http", TargetPort = "web" }, Assert.Single(service.Ports));
        Assert.Equal("app=bookstore-v1", service.Selector.ToString());
        Assert.Empty(snapshot.Find<Service>(new("Service", "bookstore", "bookstore-v1"))!.ClusterAddresses);

        var slice = Assert.Single(snapshot.All<EndpointSlice>());
        Assert.Equal(("bookstore", false), (slice.ServiceName, slice.IsLegacy));
        var subset = Assert.Single(slice.Subsets);
        Assert.Equal(new EndpointPort("bookstore-port", 14001), Assert.Single(subset.Ports));
        Assert.Equal(
            [
                new("10.244.1.7") { Zone = "zone-a", Pod = "bookstore-v1-7c8d-x2x4p" },
                new("10.244.2.9") { Ready = false, Hostname = "second" },
                new Endpoint("10.244.3.4"),
            ],
            subset.Endpoints);
    }

    [Fact]
    public void Policies_keep_their_order_and_words()
    {
        var snapshot = ResourceSnapshot.Empty.Apply(ManifestDirectory.Load(Manifest.SamplePath("bookstore")), out _);

        var target = Assert.Single(snapshot.All<TrafficTarget>());
        Assert.Equal(new IdentityReference("ServiceAccount", "bookstore", "bookstore-v1"), target.Destination);
        Assert.Equal(new IdentityReference("ServiceAccount", "bookbuyer", "bookbuyer"), Assert.Single(target.Sources));
        Assert.Equal(
            [new("HTTPRouteGroup", "bookstore-service-routes", ["buy-a-book", "books-bought"]), new TrafficTargetRule("TCPRoute", "mysql", [])],
            target.Rules);

        var group = Assert.Single(snapshot.All<HttpRouteGroup>());
        Assert.Equal(["books-bought", "buy-a-book"], group.Matches.Select(match => match.Name));
        Assert.Equal("client-app=bookbuyer,user-agent=.*-http-client/*.*", group.Matches[0].Headers.ToString());
        Assert.Equal("x-tenant=a.*", group.Matches[1].Headers.ToString());
        Assert.Equal(["GET", "*"], group.Matches[1].Methods);

        Assert.Equal([3306], Assert.Single(snapshot.All<TcpRoute>()).Ports);
        var split = Assert.Single(snapshot.All<TrafficSplit>());
        Assert.Equal(("bookstore.bookstore", "bookstore-service-routes"), (split.Service, Assert.Single(split.Matches)));
        Assert.Equal([new("bookstore-v1", 90), new SplitBackend("bookstore-v2", 0)], split.Backends);
    }

    [Fact]
    public void Mesh_settings_arrive_where_the_mesh_looks_for_them()
    {
        var config = Assert.Single(Manifest.Read(Manifest.Sample("bookstore/mesh.json")).Resources.OfType<MeshConfig>());

        Assert.Equal(
            new MeshConfig(new("osm-system", "osm-mesh-config"))
            {
                Permissive = true,
                EnableEgress = true,
                InboundAuthorization = new("opa.opa.svc.cluster.local", 9191) { Timeout = TimeSpan.FromSeconds(1.5) },
                CipherSuites = ["ECDHE-ECDSA-AES128-GCM-SHA256"],
                EcdhCurves = ["X25519", "P-256"],
                CertificateValidity = new TimeSpan(2, 45, 0),
                TrafficMetrics = true,
                RetryPolicy = true,
                MaxProxies = 1000,
                Tracing = new("jaeger.osm-system.svc.cluster.local", 40000, "/api/v2/spans"),
                IngressGateway = new(["gateway.osm-system.cluster.local"], TimeSpan.FromHours(24), "osm-system", "gateway-cert"),
                Sidecar = new()
                {
                    LogLevel = "off",
                    EnvoyImage = "envoyproxy/envoy:v1.36.2",
                    InitImage = "example/init:v1",
                    Limits = LabelSet.From([new("cpu", "500m"), new("memory", "128Mi")]),
                    Requests = LabelSet.From([new("cpu", "100m")]),
                    ReachByPodAddress = true,
                    OutboundPortExclusions = [6379],
                    InboundPortExclusions = [7070],
                    OutboundRangeExclusions = ["10.0.0.0/8", "192.168.1.1/32"],
                    InterfaceExclusions = ["net1"],
                },
            },
            config);
    }

    [Fact]
    public void Legacy_endpoints_have_the_shape_of_slices()
    {
        var legacy = Assert.Single(Manifest.Read(Manifest.Sample("full-workloads.yaml")).Resources.OfType<EndpointSlice>());

        Assert.Equal(new ResourceKey("Endpoints", "shop", "legacy"), legacy.Key);
        Assert.Equal(("legacy", true), (legacy.ServiceName, legacy.IsLegacy));
        Assert.Equal(
            new EndpointSubset([new("http", 8080)], [new("10.9.0.1") { Hostname = "one", Pod = "web-5d9c-abcde" }, new("10.9.0.2") { Ready = false }]),
            Assert.Single(legacy.Subsets));
    }

    [Fact]
    public void Service_types_and_target_ports_are_understood()
    {
        var services = Manifest.Read(Manifest.Sample("full-workloads.yaml")).Resources.OfType<Service>().ToList();

        Assert.Equal("api.example.com", services[0].ExternalName);
        Assert.Equal("", services[1].ExternalName);
        Assert.Equal(["8080", "db", ""], services[1].Ports.Select(port => port.TargetPort));
        Assert.Equal(["TCP", "TCP", "UDP"], services[1].Ports.Select(port => port.Transport));
        Assert.Equal("tcp-server-first", services[1].Ports[1].AppProtocol);
    }

    [Fact]
    public void Workloads_are_read_for_their_name_and_owner_only()
    {
        var owners = Manifest.Read(Manifest.Sample("full-workloads.yaml")).Resources.OfType<WorkloadOwner>().ToList();

        Assert.Equal(["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job"], owners.Select(owner => owner.Kind));
        Assert.Equal(new OwnerReference("Deployment", "web"), owners[1].Metadata.Controller);
    }

    // The sample sets every field there is, also those that nothing carries out yet.
    private static IEnumerable<Diagnostic> Mistakes(IEnumerable<Diagnostic> findings)
        => findings.Where(finding => finding.Code != DiagnosticCodes.NotCarriedOut);
}
