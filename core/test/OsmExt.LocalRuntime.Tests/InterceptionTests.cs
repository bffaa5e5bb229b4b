using System.Net;
using OsmExt.Interception;
using OsmExt.LocalRuntime.Envoy;
using OsmExt.LocalRuntime.Network;
using OsmExt.Sdk.Resources;

namespace OsmExt.LocalRuntime.Tests;

[Collection(nameof(Machine))]
public sealed class InterceptionTests
{
    private const string OldEnvoy = "1.36.2";

    [PrivilegedFact]
    public async Task Connections_go_to_the_sidecar_s_ports_except_those_excluded()
    {
        await using var mesh = await TestMesh.StartAsync();
        await mesh.ApplyAsync([Objects.Pod("shop", "client", "10.244.0.1", "fd44::1"), Objects.Pod("shop", "server", "10.244.0.2", "fd44::2")]);
        var (client, server) = (mesh.Network("shop", "client"), mesh.Network("shop", "server"));
        foreach (var address in (IPAddress[])[IPAddress.Any, IPAddress.IPv6Any])
        {
            // In place of sidecars stand servers that tell which port the connection ended on.
            await InterceptAsync(client, address, new() { OutboundPortExclusions = [9001, 9002] });
            await InterceptAsync(server, address, new() { InboundPortExclusions = [9002] });
            using var outbound = await Greeter.StartAsync(client, SidecarPorts.Outbound, "client's sidecar", address);
            using var inbound = await Greeter.StartAsync(server, SidecarPorts.Inbound, "server's sidecar", address);
            using var excluded = await Greeter.StartAsync(server, 9002, "server", address);
            using var metrics = await Greeter.StartAsync(server, SidecarPorts.Prometheus, "metrics", address);
            using var own = await Greeter.StartAsync(client, 9000, "itself", address);
            var (target, loopback, self) = address.Equals(IPAddress.Any) ? ("10.244.0.2", "127.0.0.1", "10.244.0.1") : ("fd44::2", "::1", "fd44::1");

            Assert.Equal("client's sidecar", await Greeter.AskAsync(client, target, 9000));
            Assert.Equal("server's sidecar", await Greeter.AskAsync(client, target, 9001));
            Assert.Equal("server", await Greeter.AskAsync(client, target, 9002));
            Assert.Equal("metrics", await Greeter.AskAsync(PodNetwork.OfNode(mesh.Name), target, SidecarPorts.Prometheus));
            Assert.Equal("itself", await Greeter.AskAsync(client, loopback, 9000));
            Assert.Equal("itself", await Greeter.AskAsync(client, self, 9000));
        }
    }

    [PrivilegedFact(envoy: "")]
    public Task A_meshed_pod_s_traffic_passes_a_real_envoy_that_alone_can_read_its_bootstrap()
        => PassesEnvoyAsync(Objects.Pod("shop", "client", "10.244.0.1"), PrivilegedFactAttribute.EnvoyOf(""));

    [PrivilegedFact(envoy: OldEnvoy)]
    public Task A_pod_can_choose_an_older_envoy()
        => PassesEnvoyAsync(
            Objects.Pod("shop", "client", "10.244.0.1").With(LocalPod.EnvoyAnnotation, OldEnvoy), PrivilegedFactAttribute.EnvoyOf(OldEnvoy));

    private static async Task PassesEnvoyAsync(Pod pod, EnvoySearchResult envoy)
    {
        var modes = new List<string>();
        await using var mesh = await TestMesh.StartAsync(options => options with
        {
            EnvoyPath = pod.Metadata.Annotations.IsEmpty ? envoy.Path! : "",
            WriteBootstrap = async (request, cancellation) =>
            {
                var path = Path.Join(request.Directory, "bootstrap.yaml");
                await File.WriteAllTextAsync(path, Passthrough, cancellation);
                modes.Add(File.GetUnixFileMode(request.Directory).ToString());
                return path;
            },
        });
        Assert.Empty(await mesh.Mesh.ApplyAsync(
            [new(pod.With(InterceptionAnnotations.OutboundPorts, "9001"), Meshed: true), new(Objects.Pod("shop", "server", "10.244.0.2"), Meshed: false)],
            [Objects.Service("shop", "cart", 80, "10.96.0.10")], [Objects.Slice("shop", "cart", 8080, "10.244.0.2")], default));
        var client = mesh.Network("shop", "client");
        using var direct = await Greeter.StartAsync(mesh.Network("shop", "server"), 9001, "direct");
        using var server = await Greeter.StartAsync(mesh.Network("shop", "server"), 8080, "server");

        Assert.Equal("direct", await Greeter.AskAsync(client, "10.244.0.2", 9001));
        using var admin = client.CreateClient();
        await Wait.UntilAsync(() => Ready(admin).GetAwaiter().GetResult(), "Envoy is ready");
        Assert.Equal("server", await Greeter.AskAsync(client, "cart", 80));

        var connections = await admin.GetStringAsync(new Uri("http://127.0.0.1:15000/stats?filter=tcp.outbound"));
        Assert.Contains("tcp.outbound.downstream_cx_total: 1", connections, StringComparison.Ordinal);
        Assert.Contains($"/{envoy.Version}/", await admin.GetStringAsync(new Uri("http://127.0.0.1:15000/server_info")), StringComparison.Ordinal);
        var status = await File.ReadAllTextAsync($"/proc/{mesh.Pid("shop.client/envoy")}/status");
        Assert.Matches("Uid:\t1500\t1500\t1500\t1500\nGid:\t1500\t1500\t1500\t1500\n", status);
        Assert.Matches("Groups:\t *\n", status);
        var bootstrap = Path.Join(mesh.State, "files/shop.client/proxy/bootstrap.yaml");
        Assert.Equal(["UserExecute, UserWrite, UserRead"], modes);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(bootstrap));
        Assert.Equal(1500u, Native.OwnerOf(bootstrap));
        Assert.Equal(1500u, Native.OwnerOf(Path.GetDirectoryName(bootstrap)!));
        Assert.Equal("shop.client/envoy", Assert.Single(mesh.Mesh.Processes).Name);
    }

    private static Task InterceptAsync(PodNetwork network, IPAddress any, InterceptionOptions options)
        => NetworkNamespaces.AddRulesAsync(network.Name, any.AddressFamily, InterceptionRules.For(options, any.AddressFamily), default);

    private static async Task<bool> Ready(HttpClient admin)
    {
        try
        {
            using var response = await admin.GetAsync(new Uri("http://127.0.0.1:15000/ready"));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    // Passes every connection on to where it was going.
    private const string Passthrough = """
        node: {id: test, cluster: test}
        admin: {address: {socket_address: {address: 127.0.0.1, port_value: 15000}}}
        static_resources:
          listeners:
          - name: outbound
            address: {socket_address: {address: 0.0.0.0, port_value: 15001}}
            listener_filters:
            - {name: original_dst, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.listener.original_dst.v3.OriginalDst}}
            filter_chains:
            - filters:
              - name: tcp
                typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: outbound, cluster: original}
          clusters:
          - {name: original, type: ORIGINAL_DST, lb_policy: CLUSTER_PROVIDED, connect_timeout: 5s}
        """;
}
