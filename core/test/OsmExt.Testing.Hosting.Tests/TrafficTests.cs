using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace OsmExt.Testing.Hosting.Tests;

/// <summary>Requests and connections from pod to pod, through both sidecars.</summary>
public class TrafficTests
{
    [Theory, MemberData(nameof(DataPlanes.All), MemberType = typeof(DataPlanes))]
    public async Task A_request_goes_through_both_sidecars_and_who_may_not_is_refused(string plane)
    {
        await using var mesh = await Shop.StartOnAsync(plane);
        mesh.Run("shop/store", app => app.MapGet("/books", (HttpRequest request) => $"many, says {request.Host}"));

        using var answer = await mesh.Pod("shop/web").GetAsync("http://store/books");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("many, says store", await answer.Content.ReadAsStringAsync());

        // It may call nobody there, so its own sidecar knows no way.
        await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Pod("thief").GetAsync("http://store.shop/books"));
    }

    [Theory, MemberData(nameof(DataPlanes.All), MemberType = typeof(DataPlanes))]
    public async Task Http2_goes_all_the_way_and_the_workloads_name_arrives(string plane)
    {
        await using var mesh = await Shop.StartOnAsync(plane, Shop.Workload("grpc", "port: 50051, targetPort: 50051, appProtocol: grpc", 50051), Shop.Permissive);
        mesh.Run("grpc", app => app.Run(context => context.Response.WriteAsync($"{context.Request.Protocol} {context.Request.Headers["x-forwarded-client-cert"]}")));

        using var client = mesh.Pod("web").CreateClient(HttpVersion.Version20);
        using var answer = await client.GetAsync(new Uri("http://grpc:50051/"));

        Assert.Equal(HttpVersion.Version20, answer.Version);
        Assert.StartsWith("HTTP/2", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(DataPlanes.All), MemberType = typeof(DataPlanes))]
    public async Task Tcp_goes_to_a_handler_and_back(string plane)
    {
        await using var mesh = await Shop.StartOnAsync(plane, Shop.Workload("db", "port: 5432, targetPort: 5432, appProtocol: tcp", 5432), Shop.Permissive);
        mesh.RunTcp("db", async (stream, stop) =>
        {
            var buffer = new byte[16];
            var count = await stream.ReadAsync(buffer, stop);
            await stream.WriteAsync(buffer.AsMemory(0, count), stop);
        });

        await using var stream = await mesh.Pod("web").ConnectAsync("db.shop.svc.cluster.local", 5432);
        await stream.WriteAsync("hello"u8.ToArray());
        using var reader = new StreamReader(stream, Encoding.ASCII);
        Assert.Equal("hello", await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Theory, MemberData(nameof(DataPlanes.All), MemberType = typeof(DataPlanes))]
    public async Task Handlers_ports_of_this_machine_and_stand_ins_are_applications_too(string plane)
    {
        await using var mesh = await Shop.StartOnAsync(plane, Shop.Permissive);
        mesh.RunHandler("store", new Says("a handler"));
        using (var answer = await mesh.Pod("web").GetAsync("http://store/books"))
        {
            Assert.Equal("a handler for store", await answer.Content.ReadAsStringAsync());
        }

        mesh.RunStandIns();
        await mesh.ApplyAsync(Shop.Workload("late"));
        using (var answer = await mesh.Pod("web").GetAsync("http://late/x?y=1"))
        {
            Assert.Contains("\"pod\":\"shop/late\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        mesh.RunAt("late", (IPEndPoint)socket.LocalEndPoint!);
        // Nobody listens there.
        await mesh.Pod("web").ShouldGet("http://late/", 503);
    }

    [Theory, MemberData(nameof(DataPlanes.All), MemberType = typeof(DataPlanes))]
    public async Task Without_a_sidecar_or_outside_the_mesh_nobody_proves_who_he_is(string plane)
    {
        await using var mesh = await Shop.StartOnAsync(plane, Shop.Workload("plain").Replace("labels: {app: plain}", "labels: {app: plain}, annotations: {openservicemesh.io/sidecar-injection: disabled}", StringComparison.Ordinal));
        mesh.RunStandIns();

        Assert.Null(await mesh.Pod("plain").CertificateAsync());
        await mesh.Pod("plain").ShouldBeDenied("http://store/books");
        await mesh.Outside().ShouldBeDenied("http://store.shop/books");
        await mesh.Outside().ShouldReach("http://plain.shop/");
        await Assert.ThrowsAsync<SocketException>(() => mesh.Pod("plain").ConnectAsync("nowhere", 80));
    }

    [Theory, MemberData(nameof(DataPlanes.All), MemberType = typeof(DataPlanes))]
    public async Task Names_are_looked_for_and_suggested(string plane)
    {
        await using var mesh = await Shop.StartOnAsync(plane);
        var unknown = Assert.Throws<ArgumentException>(() => mesh.Pod("shop/stor"));
        Assert.Contains("did you mean shop/store?", unknown.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => mesh.RunTcp("nobody", (_, _) => Task.CompletedTask));
    }

    private sealed class Says(string text) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            => Task.FromResult(new HttpResponseMessage { Content = new StringContent($"{text} for {request.Headers.Host}") });
    }
}
