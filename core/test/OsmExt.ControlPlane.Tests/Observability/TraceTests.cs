using System.Diagnostics;
using OsmExt.ControlPlane.Observability;
using OsmExt.ControlPlane.Tests.Running;

namespace OsmExt.ControlPlane.Tests.Observability;

/// <summary>The source of traces is one for a process: what other tests' control planes tell would come to a collector, too.</summary>
[CollectionDefinition(nameof(TraceTests), DisableParallelization = true)]
public sealed class TellingAlone;

/// <summary>Traces as a collector gets them.</summary>
[Collection(nameof(TraceTests))]
public sealed class TraceTests : IDisposable
{
    private readonly MeshDirectory _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [InlineData(true, "", "/opentelemetry.proto.collector.trace.v1.TraceService/Export")]
    [InlineData(false, "/v1/traces", "/v1/traces")]
    public async Task A_change_is_one_trace_from_its_event_to_the_last_acknowledgement(bool grpc, string path, string asked)
    {
        await using var collector = await TraceCollector.StartAsync(grpc);
        await using (var plane = await RunningControlPlane.StartAsync(_mesh, configure: options => options.OtlpEndpoint = new(collector.Address, path)))
        {
            await using var buyer = await plane.ConnectAsync(Shop.Buyer, "delta");
            await using var store = await plane.ConnectAsync(Shop.Store1, "sotw");
            var before = await plane.MetricAsync("osm_config_convergence_seconds_count");
            _mesh.Write("policy.yaml", Shop.Policy("/other.*"));
            await Wait.UntilAsync(async () => await plane.MetricAsync("osm_config_convergence_seconds_count") == before + 1, () => plane.Logs.Text);
        }

        Assert.All(collector.Paths, each => Assert.Equal(asked, each));
        var whole = Assert.Single(collector.Spans, span => span.Name == "change" && span.Attributes.ContainsKey("osm.proxy.last"));
        Assert.Equal(("", "policy", Shop.Store1, "osm-controller"), (whole.Parent, whole.Attributes["osm.change.kind"], whole.Attributes["osm.proxy.last"], whole.Resource["service.name"]));
        Assert.False(whole.IsError);
        var stages = collector.Spans.Where(span => span.Parent == whole.Id).OrderBy(span => span.Start).ThenBy(span => span.End).ToArray();
        Assert.Equal(["waiting", "compiling", "translating", "queueing", "sending", "acknowledging"], stages.Select(span => span.Name));
        Assert.All(stages, stage => Assert.Equal((whole.Trace, whole.Attributes["osm.revision"], "policy"), (stage.Trace, stage.Attributes["osm.revision"], stage.Attributes["osm.change.kind"])));
        Assert.Equal(whole.Start, stages[0].Start);
        Assert.All(stages.Zip(stages.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.Start));
        Assert.InRange(stages[^1].End, whole.Start, whole.End + 1_000_000);
        Assert.True(int.Parse(whole.Attributes["osm.revision"], System.Globalization.CultureInfo.InvariantCulture) > 1);
    }

    [Fact]
    public void What_proxies_did_not_answer_is_an_error_and_a_storm_of_changes_is_no_storm_of_traces()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ChangeTraces.SourceName, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded, ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var traces = new ChangeTraces(time);
        for (var revision = 900_001; revision <= 910_000; revision++)
        {
            var journey = ChangeJourney.Begin(ChangeKind.Endpoints, time.GetTimestamp(), time);
            traces.Tell(journey, new(revision, TimeSpan.Zero, 3) { Open = 1, Unanswered = ["shop/stuck"] });
        }

        // Other tests' traces may be among them.
        var mine = spans.Where(span => span is { OperationName: "change" } && span.GetTagItem("osm.revision") is long and > 900_000).ToArray();
        Assert.Equal(100, mine.Length);
        Assert.All(mine, span => Assert.Equal(ActivityStatusCode.Error, span.Status));
        Assert.Equal(["shop/stuck"], (string[])mine[0].GetTagItem("osm.proxy.unanswered")!);
    }
}
