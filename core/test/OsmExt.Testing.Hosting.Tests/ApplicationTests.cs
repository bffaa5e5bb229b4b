using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;

namespace OsmExt.Testing.Hosting.Tests;

/// <summary>Applications and clients as teams have them.</summary>
public class ApplicationTests
{
    [Theory, MemberData(nameof(DataPlanes.All), MemberType = typeof(DataPlanes))]
    public async Task A_test_servers_application_is_called_through_the_mesh(string plane)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        await using var store = builder.Build();
        store.MapPost("/books", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            return Results.Text($"{request.Host} has {await reader.ReadToEndAsync()}", statusCode: 201);
        });
        await store.StartAsync();

        await using var mesh = await Shop.StartOnAsync(plane, Shop.Permissive);
        mesh.RunHandler("store", store.GetTestServer().CreateHandler());

        using var content = new StringContent("one more");
        using var answer = await mesh.Pod("web").Http.PostAsync(new Uri("http://store.shop/books"), content);
        Assert.Equal(201, (int)answer.StatusCode);
        Assert.Equal("store.shop has one more", await answer.Content.ReadAsStringAsync());
    }

    [Theory, MemberData(nameof(DataPlanes.All), MemberType = typeof(DataPlanes))]
    public async Task A_grpc_channel_calls_an_http2_application(string plane)
    {
        await using var mesh = await Shop.StartOnAsync(plane, Shop.Permissive, Shop.Workload("echo", "port: 50051, targetPort: 50051, appProtocol: grpc", 50051));
        mesh.Run("echo", app => app.Run(async context =>
        {
            // What a call says is framed as its answer is.
            using var said = new MemoryStream();
            await context.Request.Body.CopyToAsync(said);
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(said.ToArray());
            context.Response.AppendTrailer("grpc-status", "0");
        }));

        using var channel = mesh.Pod("web").CreateChannel("http://echo:50051");
        var say = new Method<string, string>(MethodType.Unary, "echo.Echo", "Say", Marshallers.StringMarshaller, Marshallers.StringMarshaller);
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(say, null, new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(20)), "hello");
        Assert.Equal("hello", await call.ResponseAsync);
    }

    [Theory, MemberData(nameof(DataPlanes.All), MemberType = typeof(DataPlanes))]
    public async Task A_host_outside_is_reached_when_the_mesh_lets_out(string plane)
    {
        await using var mesh = await Shop.StartOnAsync(plane);
        mesh.RunOutside("api.example.com", app => app.MapGet("/", () => "out there"));

        await mesh.Pod("web").ShouldBeDenied("http://api.example.com/");
        await mesh.ApplyAsync(Shop.Mesh.Replace("traffic: {", "traffic: {enableEgress: true, ", StringComparison.Ordinal));
        Assert.Equal("out there", await mesh.Pod("web").Http.GetStringAsync(new Uri("http://api.example.com/")));
    }

    [Theory, MemberData(nameof(DataPlanes.All), MemberType = typeof(DataPlanes))]
    public async Task The_admin_pages_of_a_sidecar_can_be_read(string plane)
    {
        await using var mesh = await Shop.StartOnAsync(plane);
        mesh.RunStandIns();
        await mesh.Pod("web").ShouldReach("http://store/books");
        Assert.Contains("outbound-listener", await mesh.Pod("web").ReadAdminAsync("/config_dump"), StringComparison.Ordinal);
        Assert.Contains("envoy_cluster_upstream_rq", await mesh.Pod("web").ReadAdminAsync("/stats/prometheus"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(DataPlanes.All), MemberType = typeof(DataPlanes))]
    public async Task A_sidecar_that_proves_itself_as_somebody_else_starts_anew(string plane)
    {
        await using var mesh = await Shop.StartOnAsync(plane);
        mesh.RunStandIns();
        await mesh.Pod("web").ShouldReach("http://store/books");

        await mesh.ApplyAsync(Shop.Workload("web").Replace("serviceAccountName: web", "serviceAccountName: other", StringComparison.Ordinal));
        await mesh.Pod("web").ShouldBeDenied("http://store/books");
        using var certificate = await mesh.Pod("web").CertificateAsync();
        Assert.Contains("other.shop", certificate!.Subject, StringComparison.Ordinal);
    }
}
