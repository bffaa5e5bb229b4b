using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using OsmExt.ControlPlane.Observability;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.Envoy;

namespace OsmExt.ControlPlane.Tests.Observability;

/// <summary>Who has a change and who lags, by name and with the reason.</summary>
public sealed class ReceiptTests : IAsyncLifetime, IDisposable
{
    private const int Sidecars = 5;

    private readonly MeshDirectory _mesh = new();
    private readonly HttpClient _http = new();
    private RunningControlPlane _plane = null!;

    public async Task InitializeAsync() => _plane = await RunningControlPlane.StartAsync(_mesh);

    public async Task DisposeAsync() => await _plane.DisposeAsync();

    public void Dispose()
    {
        _http.Dispose();
        _mesh.Dispose();
    }

    [Fact]
    public async Task A_receipt_names_who_has_it_and_who_lags_and_why()
    {
        await using var buyer = await _plane.ConnectAsync(Shop.Buyer, "delta");
        await using var store = await _plane.ConnectAsync(Shop.Store1, "sotw");
        var identity = _plane.IdentityOf(Shop.Store2);
        await using var client = _plane.Client(_plane.CertificateOf(identity), identity.NodeId);
        await using var silent = client.OpenDelta();
        await silent.SubscribeAsync(TypeUrls.Cluster, "*");
        await silent.SubscribeAsync(TypeUrls.Listener, "*");
        await silent.NextAsync(TypeUrls.Cluster);
        await silent.NextAsync(TypeUrls.Listener);
        store.Objection = line => line.StartsWith("RDS", StringComparison.Ordinal) ? $"{line.Split(' ')[1]} is \u001b[31mbad\r\nfor me" : null;

        _mesh.Write("policy.yaml", Shop.Policy("/other.*"));
        var receipt = await PostAsync(Shop.Policy("/other.*"), "share=0.2&within=30");
        Assert.True((bool)receipt["reached"]!, $"{receipt}");
        await Wait.UntilAsync(() => store.Refused > 0, () => _plane.Logs.Text);
        receipt = await PostAsync(Shop.Policy("/other.*"), "share=0.8&within=1");
        Assert.False((bool)receipt["reached"]!);
        Assert.Equal((Sidecars, 1), ((int)receipt["proxies"]!, (int)receipt["have"]!));
        Assert.Equal([Shop.Buyer], receipt["has"]!.AsArray().Select(name => (string)name!));
        var lagging = receipt["lagging"]!.AsArray().ToDictionary(lag => (string)lag!["proxy"]!, lag => ((string)lag!["reason"]!, (string)lag["detail"]!));
        Assert.Equal(("rejected", "It refuses RouteConfiguration rds-inbound.8080: rds-inbound.8080 is  [31mbad  for me"), lagging[Shop.Store1]);
        Assert.Equal(("slow", "It was sent Clusters and has not answered"), lagging[Shop.Store2]);
        Assert.Equal(("disconnected", "Its sidecar is not connected"), lagging[Shop.Thief]);
        Assert.NotNull(receipt["lagging"]!.AsArray().Single(lag => (string)lag!["proxy"]! == Shop.Store2)!["since"]);

        // The same by its number, and that of before: the one that was silent has had neither.
        var revision = (long)receipt["revision"]!;
        Assert.Equal(1, (int)(await _plane.DebugAsync($"/debug/receipts/{revision}"))["have"]!);
        Assert.Equal(1, (int)(await _plane.DebugAsync("/debug/receipts/newest"))["have"]!);
    }

    [Fact]
    public async Task A_request_waits_until_enough_have_it_and_no_longer()
    {
        await using var buyer = await _plane.ConnectAsync(Shop.Buyer, "delta");
        var waiting = PostAsync(Shop.Policy("/other.*"), "share=0.4&within=30");
        Assert.False(waiting.IsCompleted);
        _mesh.Write("policy.yaml", Shop.Policy("/other.*"));
        await using var store = await _plane.ConnectAsync(Shop.Store1, "sotw");
        var receipt = await waiting;
        Assert.True((bool)receipt["reached"]!, $"{receipt}");
        Assert.Equal(2, (int)receipt["have"]!);
        Assert.True((bool)receipt["published"]!);
    }

    [Fact]
    public async Task Objects_that_were_not_read_as_they_are_given_are_named()
    {
        var receipt = await PostAsync(Shop.Policy("/never-written.*"), "within=0.2");
        Assert.Equal(["HTTPRouteGroup shop/store-routes"], receipt["missing"]!.AsArray().Select(key => (string)key!));
        Assert.Null(receipt["revision"]);
        Assert.False((bool)receipt["reached"]!);

        // What is to be gone is there.
        var gone = await PostAsync("", "share=0&absent=TrafficTarget/shop/store");
        Assert.Equal(["TrafficTarget shop/store"], gone["missing"]!.AsArray().Select(key => (string)key!));
        _mesh.Delete("policy.yaml");
        Assert.Empty((await PostAsync("", "share=0&within=30&absent=TrafficTarget/shop/store"))["missing"]!.AsArray());
    }

    [Theory]
    [InlineData("GET", "receipts/newest?share=2", HttpStatusCode.BadRequest)]
    [InlineData("GET", "receipts/newest?within=61", HttpStatusCode.BadRequest)]
    [InlineData("GET", "receipts/newest?share=NaN", HttpStatusCode.BadRequest)]
    [InlineData("GET", "receipts/-5", HttpStatusCode.BadRequest)]
    [InlineData("POST", "receipts?absent=nonsense", HttpStatusCode.BadRequest)]
    [InlineData("POST", "receipts", HttpStatusCode.UnprocessableEntity)]
    public async Task What_makes_no_sense_is_refused(string method, string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(new(method), new Uri(_plane.DebugAddress, $"/debug/{path}")) { Content = method == "POST" ? new StringContent("{{{") : null };
        using var answer = await _http.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData(0.01, 1, 20)]
    [InlineData(10, 1, 100)]
    [InlineData(5, 64, 3_200)]
    [InlineData(10, 64, 5_000)]
    public void All_who_wait_take_a_tenth_of_the_loops_time_together(double took, int waiting, double pause)
        => Assert.Equal(TimeSpan.FromMilliseconds(pause), Receipts.Pause(TimeSpan.FromMilliseconds(took), waiting));

    [Fact]
    public async Task Only_so_many_wait_at_once_and_only_so_much_is_read()
    {
        Task<HttpResponseMessage>[] waiting = [.. Enumerable.Range(0, 65).Select(_ => _http.GetAsync(new Uri(_plane.DebugAddress, "/debug/receipts/newest?within=60")))];
        using (var refused = await await Task.WhenAny(waiting).WaitAsync(Wait.Bound))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        }

        _http.CancelPendingRequests();
        await Task.WhenAll(waiting.Select(async task => await task.ContinueWith(_ => { }, TaskScheduler.Default)));
        var last = "";
        await Wait.UntilAsync(
            async () =>
            {
                using var answer = await _http.GetAsync(new Uri(_plane.DebugAddress, "/debug/receipts/newest"));
                last = $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}";
                return answer.IsSuccessStatusCode;
            },
            () => $"Whoever goes makes room: {last}");

        using var large = await _http.PostAsync(new Uri(_plane.DebugAddress, "/debug/receipts"), new ByteArrayContent(new byte[17 << 20]));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }

    private async Task<JsonNode> PostAsync(string manifests, string query)
    {
        using var answer = await _http.PostAsync(new Uri(_plane.DebugAddress, $"/debug/receipts?{query}"), new StringContent(manifests, Encoding.UTF8));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }
}
