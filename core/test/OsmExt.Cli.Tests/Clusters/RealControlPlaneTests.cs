using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using OsmExt.Cli.Clusters;

namespace OsmExt.Cli.Tests.Clusters;

/// <summary>Commands on a control plane that really runs, on the objects of the test API server.</summary>
[UnsupportedOSPlatform("windows")]
public class RealControlPlaneTests
{
    [Fact]
    public async Task What_it_says_is_shown_and_its_root_is_replaced()
    {
        var definitions = HelmChart.Files.Where(file => file.Path.StartsWith("crds/", StringComparison.Ordinal)).Select(file => file.Text).ToArray();
        await using var cluster = await TestCluster.StartAsync([ClusterObjects.ControlPlane, ClusterObjects.Namespace("shop", "openservicemesh.io/monitored-by: osm"), .. definitions, """
            apiVersion: config.openservicemesh.io/v1alpha2
            kind: MeshConfig
            metadata: {name: osm-mesh-config, namespace: osm-system}
            spec: {}
            ---
            apiVersion: access.smi-spec.io/v1alpha3
            kind: TrafficTarget
            metadata: {name: store, namespace: shop}
            spec:
              destination: {kind: ServiceAccount, name: store, namespace: shop}
              rules: [{kind: HTTPRouteGroup, name: absent} ]
              sources: [{kind: ServiceAccount, name: buyer, namespace: shop} ]
            """]);
        using var directory = new TempDirectory();
        var (http, debug) = (Free(), Free());
        using var process = Osm.Start(
            "run", "--kubernetes", "--kubeconfig", cluster.Kubeconfig, "--state", directory.Path, "--xds-address", "127.0.0.1:0", "--webhook-address", "127.0.0.1:0", "--http-address", http, "--debug-address", debug);
        var logs = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            cluster.Listen("osm-system/osm-controller-1", 9091, http);
            cluster.Listen("osm-system/osm-controller-1", 9092, debug);
            await UntilReadyAsync(http, process);

            var list = await cluster.OsmAsync("mesh list");
            Assert.Matches("\nosm +osm-system +0.1.0 +shop +HTTPRouteGroup:v1alpha4,TCPRoute:v1alpha4,TrafficSplit:[^ ]+,TrafficTarget:v1alpha3\n$", list.Output);
            Assert.Equal((0, ""), (list.ExitCode, list.Errors));
            var version = JsonNode.Parse((await cluster.OsmAsync("version -o json")).Output)!;
            Assert.Equal((string)version["client"]!["version"]!, (string)version["meshes"]![0]!["version"]!);

            var status = await cluster.OsmAsync("status TrafficTarget shop/store");
            Assert.Equal((0, ""), (status.ExitCode, status.Errors));
            Assert.Contains("TrafficTarget shop/store", status.Output, StringComparison.Ordinal);
            Assert.Contains("PROXY", (await cluster.OsmAsync("proxy list")).Output, StringComparison.Ordinal);

            // A trust domain is not changed in passing: it is the old one's.
            var rotated = await cluster.OsmAsync("certificate rotate -y -c root-b --wait 1m");
            Assert.True(rotated.ExitCode == 0, rotated.Errors + rotated.Output);
            Assert.EndsWith("The root of the mesh in namespace osm-system is root-b.\n", rotated.Output, StringComparison.Ordinal);
            var again = await cluster.OsmAsync("certificate rotate -y -c root-c --wait 1m --delete");
            Assert.True(again.ExitCode == 0, again.Errors + again.Output);
            Assert.Contains("MeshRootCertificate root-b is passive.\n", again.Output, StringComparison.Ordinal);
            var roots = (await cluster.GetAsync("apis/config.openservicemesh.io/v1alpha2/namespaces/osm-system/meshrootcertificates"))["items"]!.AsArray();
            Assert.Equal("root-c active", string.Join(", ", roots.Select(root => $"{root!["metadata"]!["name"]} {root["spec"]!["role"]}")));
            Assert.Contains("xDS port: certificate by root-c in cluster.local", (await cluster.OsmAsync("certificate status")).Output, StringComparison.Ordinal);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }

            await logs;
        }
    }

    internal static async Task UntilReadyAsync(string address, Process process)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            Assert.False(process.HasExited, "the control plane has ended");
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Osm.Bound, "the control plane is not ready");
            try
            {
                if ((await client.GetAsync(new Uri($"http://{address}/health/ready"))).IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
            {
                // Not yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    internal static string Free()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return free.LocalEndpoint.ToString()!;
    }
}
