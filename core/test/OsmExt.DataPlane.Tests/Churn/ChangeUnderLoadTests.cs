using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.DataPlane.Streams;
using Xunit.Abstractions;

namespace OsmExt.DataPlane.Tests.Churn;

/// <summary>Everything changes while requests come, for OSM_CHANGE_SECONDS, and nothing is lost: each request arrives once and is answered.</summary>
public class ChangeUnderLoadTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(int.TryParse(Environment.GetEnvironmentVariable("OSM_CHANGE_SECONDS"), out var seconds) ? seconds : 4);

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("OSM_CHANGE_SEED"), out var seed) ? seed : 1;

    [Fact]
    public async Task No_request_and_no_stream_is_lost_while_everything_changes()
    {
        await using var shop = await ShopUnderLoad.StartAsync();
        using var stop = new CancellationTokenSource();
        var counts = new int[6];
        using var http1 = shop.Client("10.96.0.1:80", 1);
        using var http2 = shop.Client("10.96.0.3:81", 2);
        Task[] load =
        [
            .. Enumerable.Range(0, 2).Select(index => AskAsync(http1, $"a{index}", () => counts[index]++, stop.Token)),
            .. Enumerable.Range(2, 2).Select(index => AskAsync(http2, $"b{index}", () => counts[index]++, stop.Token)),
            StreamAsync(http2, () => counts[4]++, stop.Token),
            BytesAsync(shop, () => counts[5]++, stop.Token),
        ];
        var changes = new Changes(shop.Mesh, Seed);
        for (var began = TimeProvider.System.GetTimestamp(); (TimeProvider.System.GetElapsedTime(began) < Time || !changes.AreOfAllKinds) && !load.Any(task => task.IsCompleted);)
        {
            changes.MakeOne();
            var before = (int[])counts.Clone();
            await Task.WhenAny(shop.Plane.SettledAsync(), Task.WhenAny(load));
            // Each change meets requests of every kind.
            await Task.WhenAny(Wait.UntilAsync(() => counts.Zip(before).All(pair => pair.First > pair.Second), () => string.Join(' ', counts)), Task.WhenAny(load));
        }

        await stop.CancelAsync();
        output.WriteLine($"{string.Join(' ', counts)} under {string.Join(", ", changes.Made.Select(entry => $"{entry.Value} of {entry.Key}"))}; {shop.Clients.Count} certificates of the client");
        await Task.WhenAll(load).WaitAsync(Wait.Bound, TimeProvider.System);
        Assert.Equal(counts.Take(4).Sum(), shop.Arrived.Count);
        Assert.All(shop.Arrived, arrived => Assert.Equal(1, arrived.Value));
        Assert.True(shop.Clients.Count > 1, "no certificate was ever replaced");
        http1.Dispose();
        http2.Dispose();
        var buyer = shop.Sidecars.First();
        await Wait.UntilAsync(() => buyer.Traffic.Connections == 0, () => $"{buyer.Traffic.Connections} connections are left");
    }

    private static Task AskAsync(HttpClient client, string name, Action count, CancellationToken stop) => Task.Run(async () =>
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");
            using var answer = await client.GetAsync(new Uri($"/books?id={id}", UriKind.Relative), CancellationToken.None);
            var body = await answer.Content.ReadAsStringAsync(CancellationToken.None);
            Assert.True((answer.StatusCode, body) == (HttpStatusCode.OK, id), $"{id}: {answer.StatusCode} {body}");
            count();
        }
    }, CancellationToken.None);

    // One call for all the time.
    private static Task StreamAsync(HttpClient client, Action count, CancellationToken stop) => Task.Run(async () =>
    {
        var conversation = new Conversation();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/call") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = conversation };
        conversation.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, CancellationToken.None);
        var upload = await conversation.Opened;
        await using var body = await answer.Content.ReadAsStreamAsync(CancellationToken.None);
        await PingAsync(upload, body, count, stop);
        conversation.Done();
        Assert.Equal(0, await body.ReadAsync(new byte[1], CancellationToken.None));
        Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
    }, CancellationToken.None);

    private static Task BytesAsync(ShopUnderLoad shop, Action count, CancellationToken stop) => Task.Run(async () =>
    {
        await using var stream = await shop.DialAsync("10.96.0.2:9000");
        await PingAsync(stream, stream, count, stop);
        await Ends.CloseWriteAsync(stream);
        Assert.Equal(0, await stream.ReadAsync(new byte[1], CancellationToken.None));
    }, CancellationToken.None);

    private static async Task PingAsync(Stream upload, Stream body, Action count, CancellationToken stop)
    {
        var buffer = new byte[4];
        while (!stop.IsCancellationRequested)
        {
            await upload.WriteAsync("ping"u8.ToArray(), CancellationToken.None);
            await upload.FlushAsync(CancellationToken.None);
            await body.ReadExactlyAsync(buffer, CancellationToken.None).AsTask().WaitAsync(Wait.Bound, TimeProvider.System, CancellationToken.None);
            Assert.Equal("ping", Encoding.ASCII.GetString(buffer));
            count();
        }
    }

    private sealed class Conversation : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Stream> Opened => _opened.Task;

        public void Done() => _done.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            _opened.SetResult(stream);
            await _done.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
