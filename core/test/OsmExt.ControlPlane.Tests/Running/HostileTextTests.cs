using System.Text;
using System.Text.Json.Nodes;
using Envoy.Config.Core.V3;
using OsmExt.ControlPlane.Observability;
using OsmExt.Envoy;
using OsmExt.Xds.Server;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>Whatever clients call things, logs stay lines, and metrics stay few.</summary>
public sealed class HostileTextTests : IDisposable
{
    private const int Rounds = 150;
    private static readonly string[] Pieces =
        ["\u001b[2J", "\u001b]0;title\u0007", "\r\n", "\n{\"LogLevel\":\"Critical\"}", "\u009b31m", "\u202E", "\u2028", "\0", "\"} 1\nosm_forged{x=\"", "\\n", "%n%s", "${jndi:ldap://x}", "\uFEFF", "é", "漢", "'; --"];

    private readonly MeshDirectory _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Random_text_of_a_client_is_no_line_of_a_log_and_no_series_of_a_metric(int seed)
    {
        var random = new Random(seed);
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        var identity = plane.IdentityOf(Shop.Store1);
        await using (var warm = plane.Client(plane.CertificateOf(identity), identity.NodeId))
        await using (var stream = warm.OpenDelta())
        {
            // Each kind of series is there once.
            await stream.SubscribeAsync("type.googleapis.com/none.Such", "x");
            await stream.NackAsync(await stream.NextAsync(), "no");
            await stream.SubscribeAsync(TypeUrls.Cluster, "*");
            await stream.NackAsync(await stream.NextAsync(TypeUrls.Cluster), "no");
            await stream.SubscribeAsync(TypeUrls.Secret, "x");
            await stream.AckAsync(await stream.NextAsync(TypeUrls.Secret));
        }

        await using (var stranger = plane.Client(plane.CertificateOf(identity), "nobody"))
        await using (var stream = stranger.OpenDelta())
        {
            await stream.SubscribeAsync(TypeUrls.Cluster, "*");
            await stream.Ended.WaitAsync(Wait.Bound, TimeProvider.System);
        }

        for (var round = 0; round < Rounds; round++)
        {
            var node = new Node { UserAgentName = Text(random), UserAgentVersion = Text(random), Cluster = Text(random) };
            await using var client = plane.Client(plane.CertificateOf(identity), round % 5 == 0 ? Text(random) : identity.NodeId, node);
            await using var stream = client.OpenDelta();
            var type = round % 3 == 0 ? TypeUrls.Secret : $"type.googleapis.com/{Text(random)}.{Text(random)}";
            await stream.SubscribeAsync(type, Text(random), Text(random));
            if (round % 5 == 0)
            {
                await stream.Ended.WaitAsync(Wait.Bound, TimeProvider.System);
                continue;
            }

            await stream.NackAsync(await stream.NextAsync(), Text(random));
            if (round % 10 == 1)
            {
                foreach (var page in new[] { "/debug/proxies", $"/debug/proxies/{Shop.Store1}", "/debug/receipts/newest" })
                {
                    Assert.DoesNotContain(await plane.DebugTextAsync(page), static letter => letter is not ('\n' or (>= ' ' and <= '~')));
                }

                // What they say of themselves, and why they refuse, is clean before anybody prints it.
                Assert.All(plane.Get<StreamRegistry>().Describe().SelectMany(view => view.Types.Select(type => type.LastError ?? "").Append(view.NodeVersion)), IsPlain);
            }
        }

        await Wait.UntilAsync(async () => await plane.MetricAsync("osm_xds_streams") == 0, () => "Streams end");
        Assert.All(plane.Logs.Entries.Where(line => !line.Contains("Exception", StringComparison.Ordinal)), IsPlain);

        var metrics = await plane.HttpTextAsync("/metrics");
        Assert.DoesNotContain("forged", metrics, StringComparison.Ordinal);
        string[] types = ["cluster", "endpoint", "listener", "route", "virtual_host", "secret", "other"];
        foreach (var label in System.Text.RegularExpressions.Regex.Matches(metrics, "(?m)^osm_xds_[a-z_]+\\{[^}]*type=\"([^\"]*)\"").Select(match => match.Groups[1].Value))
        {
            Assert.Contains(label, types);
        }

        Assert.InRange(metrics.Split('\n').Count(line => line.StartsWith("osm_xds_", StringComparison.Ordinal)), 1, 700);
    }

    [Fact]
    public void Names_without_end_are_few_values_of_a_label()
    {
        var labels = new BoundedLabels(500);
        var random = new Random(7);
        var values = Enumerable.Range(0, 100_000).Select(_ => labels.Of(Text(random))).ToHashSet(StringComparer.Ordinal);
        Assert.InRange(values.Count, 2, 501);
        Assert.Contains(BoundedLabels.Others, values);
    }

    [Fact]
    public async Task Namespaces_without_end_are_few_series()
    {
        var text = new StringBuilder();
        for (var number = 0; number < 1200; number++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: a, namespace: bomb-{number}}}\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: a, namespace: bomb-{number}}}\nspec: {{ports: [{{port: 80}}]}}\n");
        }

        _mesh.Write("bomb.yaml", text.ToString());
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        var series = (await plane.HttpTextAsync("/metrics")).Split('\n').Where(line => line.StartsWith("osm_k8s_api_event_count{", StringComparison.Ordinal)).ToArray();
        Assert.InRange(series.Select(line => line.Split("namespace=\"")[1].Split('"')[0]).Distinct().Count(), 100, 501);
        Assert.Contains(series, line => line.Contains($"namespace=\"{BoundedLabels.Others}\"", StringComparison.Ordinal));
    }

    private static void IsPlain(string text)
        => Assert.True(text.All(letter => !char.IsControl(letter) && letter is not ('\u202E' or '\u2028' or '\uFEFF')), JsonValue.Create(text).ToJsonString());

    private static string Text(Random random)
    {
        var text = new StringBuilder();
        for (var piece = random.Next(1, 6); piece > 0; piece--)
        {
            text.Append(random.Next(3) == 0 ? $"name{random.Next(1000)}" : Pieces[random.Next(Pieces.Length)]);
        }

        return text.ToString();
    }
}
