namespace OsmExt.Testing.Hosting.Tests;

/// <summary>What happens when time passes, which a test says.</summary>
public class TimeTests
{
    private const string Limit = """
        apiVersion: policy.openservicemesh.io/v1alpha1
        kind: UpstreamTrafficSetting
        metadata: {name: store, namespace: shop}
        spec: {host: store.shop.svc.cluster.local, rateLimit: {local: {http: {requests: 2, unit: minute}}}}
        """;

    [Fact]
    public async Task Certificates_are_replaced_and_requests_go_on()
    {
        await using var mesh = await Shop.StartAsync();
        mesh.RunStandIns();
        var web = mesh.Pod("web");
        await web.ShouldReach("http://store/books");
        using var first = await web.CertificateAsync();
        Assert.Contains("web.shop", first!.Subject, StringComparison.Ordinal);

        await mesh.AdvanceAsync(TimeSpan.FromHours(23));
        using var second = await web.CertificateAsync();
        Assert.NotEqual(first.SerialNumber, second!.SerialNumber);
        Assert.True(second.NotAfter.ToUniversalTime() > mesh.Time.GetUtcNow().UtcDateTime);
        await web.ShouldReach("http://store/books");

        // A month later, with connections of their own, both sides still believe each other.
        await mesh.AdvanceAsync(TimeSpan.FromDays(40));
        using var client = web.CreateClient();
        using var answer = await client.GetAsync(new Uri("http://store/books"));
        Assert.True(answer.IsSuccessStatusCode);
    }

    [Fact]
    public async Task Limits_fill_up_when_the_test_says_so()
    {
        await using var mesh = await MeshHost.StartAsync(new() { StandingClock = true, Manifests = [Shop.Mesh, Shop.Permissive, Shop.Workload("web"), Shop.Workload("store"), Limit] });
        mesh.RunStandIns();
        var web = mesh.Pod("web");

        await web.ShouldGet("http://store/", 200);
        await web.ShouldGet("http://store/", 200);
        await web.ShouldGet("http://store/", 429);
        await mesh.AdvanceAsync(TimeSpan.FromMinutes(1));
        await web.ShouldGet("http://store/", 200);
    }

    [Fact]
    public async Task A_request_that_waits_too_long_ends_when_its_time_is_over()
    {
        await using var mesh = await MeshHost.StartAsync(new()
        {
            StandingClock = true,
            Manifests =
            [
                Shop.Mesh, Shop.Permissive, Shop.Workload("web"), Shop.Workload("store"),
                """
                apiVersion: policy.openservicemesh.io/v1alpha1
                kind: UpstreamTrafficSetting
                metadata: {name: store, namespace: shop}
                spec: {host: store.shop.svc.cluster.local, connectionSettings: {http: {requestTimeout: 10s}}}
                """,
            ],
        });
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        mesh.RunHandler("store", new Waits(arrived));

        var request = mesh.Pod("web").GetAsync("http://store/");
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.False(request.IsCompleted);
        await mesh.AdvanceAsync(TimeSpan.FromSeconds(11));
        using var answer = await request;
        Assert.Equal(504, (int)answer.StatusCode);
    }

    private sealed class Waits(TaskCompletionSource arrived) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            arrived.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return new();
        }
    }
}
