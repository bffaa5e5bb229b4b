using System.Net;
using System.Net.Sockets;
using System.Text;
using OsmExt.TestedKubernetes;
using k8s;
using k8s.Autorest;

namespace OsmExt.Testing.ApiServer.Tests.Tools;

/// <summary>Ports and logs of pods, as KubernetesClient and kubectl use them.</summary>
public sealed class PodRelayTests
{
    private const string Pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: main, image: main}]}\n";

    [Fact]
    public async Task A_port_is_reached_by_a_client_we_did_not_write()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var server = await ApiServer.StartAsync(new() { Pods = new Endpoints(listener.LocalEndpoint) });
        using var kubernetes = new k8s.Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(new MemoryStream(Encoding.UTF8.GetBytes(server.Kubeconfig()))));
        using var client = new ApiClient(server);
        await client.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", Pod);

        using var socket = await kubernetes.WebSocketNamespacedPodPortForwardAsync("web", "default", [8080], "v4.channel.k8s.io");
        using var channels = new StreamDemuxer(socket, StreamType.PortForward);
        channels.Start();
        var stream = channels.GetStream((byte?)0, (byte?)0);
        using var accepted = await listener.AcceptSocketAsync().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        await stream.WriteAsync("ping"u8.ToArray());
        var buffer = new byte[16];
        Assert.Equal("ping", Encoding.UTF8.GetString(buffer, 0, await accepted.ReceiveAsync(buffer)));
        await accepted.SendAsync("pong"u8.ToArray());
        Assert.Equal("pong", Encoding.UTF8.GetString(buffer, 0, await Task.Run(() => stream.Read(buffer)).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System)));
    }

    [Fact]
    public async Task Where_nothing_listens_the_other_channel_says_so()
    {
        await using var server = await ApiServer.StartAsync(new() { Pods = new Endpoints(null) });
        using var kubernetes = new k8s.Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(new MemoryStream(Encoding.UTF8.GetBytes(server.Kubeconfig()))));
        using var client = new ApiClient(server);
        await client.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", Pod);

        using var socket = await kubernetes.WebSocketNamespacedPodPortForwardAsync("web", "default", [8080], "v4.channel.k8s.io");
        using var channels = new StreamDemuxer(socket, StreamType.PortForward);
        channels.Start();
        using var reader = new StreamReader(channels.GetStream((byte?)1, null));
        Assert.Contains("port 8080 of pod default/web: connection refused", await Task.Run(reader.ReadToEnd).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System), StringComparison.Ordinal);
    }

    [KubernetesToolsFact]
    public async Task Kubectl_reads_logs()
    {
        await using var server = await ApiServer.StartAsync(new() { Pods = new Endpoints(null) });
        using var tool = new Tool(server);
        await tool.Kubectl("apply", "-f", tool.Write("pod.yaml", Pod));

        Assert.Equal("default/web/main\n", await tool.Kubectl("logs", "web"));
        Assert.Equal("default/web/main before\n", await tool.Kubectl("logs", "web", "-c", "main", "--previous"));
    }

    [Fact]
    public async Task Where_no_pods_run_that_is_said()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = new ApiClient(server);
        await client.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", Pod);
        using var kubernetes = new k8s.Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(new MemoryStream(Encoding.UTF8.GetBytes(server.Kubeconfig()))));

        var failure = await Assert.ThrowsAsync<HttpOperationException>(() => kubernetes.CoreV1.ReadNamespacedPodLogAsync("web", "default"));
        Assert.Equal(HttpStatusCode.NotImplemented, failure.Response.StatusCode);
    }

    private sealed class Endpoints(EndPoint? target) : IPodEndpoints
    {
        public EndPoint? PortOf(string podNamespace, string pod, int port) => target;

        public string? LogOf(string podNamespace, string pod, string container, bool previous) => $"{podNamespace}/{pod}/{container}{(previous ? " before" : "")}\n";
    }
}
