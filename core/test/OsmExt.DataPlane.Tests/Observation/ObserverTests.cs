using System.Text;
using Envoy.Config.Accesslog.V3;
using OsmExt.DataPlane.Observation;
using OsmExt.DataPlane.Observation.Logs;
using OsmExt.DataPlane.Observation.Statistics;
using OsmExt.DataPlane.Tests.Checks;
using OsmExt.Envoy;
using Prometheus;

namespace OsmExt.DataPlane.Tests.Observation;

/// <summary>What becomes of a request that has ended.</summary>
public class ObserverTests
{
    private const string Counting = """
        name: stats
        typed_config:
          "@type": type.googleapis.com/xds.type.v3.TypedStruct
          type_url: type.googleapis.com/envoy.extensions.access_loggers.stats.v3.Config
          value:
            counters:
            - stat: {name: request_total, tags: [{name: response_code, value_format: "%RESPONSE_CODE%"}, {name: source_pod, value_format: "%ENVIRONMENT(POD_NAME)%"}]}
              value_fixed: 1
            histograms:
            - stat: {name: request_duration_ms, tags: [{name: source_pod, value_format: "%ENVIRONMENT(POD_NAME)%"}]}
              unit: Milliseconds
              value_format: "%DURATION%"
            stats_scope: {max_counters: 2, max_histograms: 10, prefix: osm, sharing_name: osm}
        """;

    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();

    [Fact]
    public async Task The_statistics_logger_counts_under_Envoys_names_in_Envoys_buckets()
    {
        var log = Some.Loggers(registry: _registry).Of(Read(Counting));
        log(FormatTests.Stream());
        log(FormatTests.Stream());

        var text = await PrometheusAsync();
        Assert.Contains("envoy_osm_request_total{response_code=\"503\",source_pod=\"web-1\"} 2", text, StringComparison.Ordinal);
        Assert.Contains("envoy_osm_request_duration_ms_bucket{source_pod=\"web-1\",le=\"10\"} 0", text, StringComparison.Ordinal);
        Assert.Contains("envoy_osm_request_duration_ms_bucket{source_pod=\"web-1\",le=\"25\"} 2", text, StringComparison.Ordinal);
        Assert.Contains("envoy_osm_request_duration_ms_bucket{source_pod=\"web-1\",le=\"3600000\"} 2", text, StringComparison.Ordinal);
        Assert.Contains("envoy_osm_request_duration_ms_count{source_pod=\"web-1\"} 2", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task There_are_no_more_series_than_the_scope_allows()
    {
        var log = Some.Loggers(registry: _registry).Of(Read(Counting));
        for (var code = 200; code < 210; code++)
        {
            var stream = FormatTests.Stream();
            stream.ResponseCode = code;
            log(stream);
        }

        var text = await PrometheusAsync();
        Assert.Equal(2, text.Split('\n').Count(line => line.StartsWith("envoy_osm_request_total{", StringComparison.Ordinal)));
        Assert.Contains("envoy_stats_overflow 8", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Loggers_that_tag_alike_named_statistics_differently_do_not_disturb_each_other()
    {
        var loggers = Some.Loggers(registry: _registry);
        loggers.Of(Read(Counting))(FormatTests.Stream());
        loggers.Of(Read(Counting.Replace(", {name: source_pod, value_format: \"%ENVIRONMENT(POD_NAME)%\"}", "", StringComparison.Ordinal)))(FormatTests.Stream());

        var text = await PrometheusAsync();
        Assert.Contains("envoy_osm_request_total{response_code=\"503\",source_pod=\"web-1\"} 1", text, StringComparison.Ordinal);
        Assert.Contains("envoy_osm_request_total{response_code=\"503\"} 1", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("    counters:", "    gauges: []\n    counters:", "gauges is not carried out here")]
    [InlineData("prefix: osm, ", "prefix: osm, other: 1, ", "stats_scope.other is not carried out here")]
    [InlineData("%RESPONSE_CODE%", "%NO_SUCH%", "%NO_SUCH% is not carried out here")]
    public void A_statistics_logger_that_asks_for_more_is_refused(string before, string after, string reason)
        => Assert.Contains(reason, Assert.Throws<FormatException>(() => Some.Loggers().Of(Read(Counting.Replace(before, after, StringComparison.Ordinal)))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("status_code_filter: {comparison: {op: GE, value: {default_value: 500, runtime_key: x}}}", 503, true)]
    [InlineData("status_code_filter: {comparison: {op: GE, value: {default_value: 500, runtime_key: x}}}", 200, false)]
    [InlineData("runtime_filter: {runtime_key: x, percent_sampled: {numerator: 50}}", 200, true)]
    [InlineData("runtime_filter: {runtime_key: x, percent_sampled: {}}", 200, false)]
    [InlineData("response_flag_filter: {flags: [UH]}", 503, true)]
    [InlineData("response_flag_filter: {flags: [NR]}", 503, false)]
    [InlineData("or_filter: {filters: [{response_flag_filter: {flags: [NR]}}, {response_flag_filter: {}}]}", 503, true)]
    [InlineData("and_filter: {filters: [{response_flag_filter: {flags: [NR]}}, {response_flag_filter: {}}]}", 503, false)]
    [InlineData("duration_filter: {comparison: {op: LE, value: {default_value: 5, runtime_key: x}}}", 503, false)]
    public void Filters_choose_as_in_Envoy(string filter, int code, bool passes)
    {
        var log = Read($$"""
            name: log
            filter: { {{filter}} }
            """);
        var stream = FormatTests.Stream();
        stream.ResponseCode = code;

        Assert.Equal(passes, LogFilter.Of(log.Filter, () => 0.25)(stream));
    }

    [Fact]
    public async Task Lines_go_to_standard_output_and_to_files()
    {
        var directory = Directory.CreateTempSubdirectory("osm-logs-");
        var output = new StringWriter();
        var file = Path.Combine(directory.FullName, "access.log");
        await using (var places = new LogPlaces(output, TextWriter.Null))
        {
            var loggers = new AccessLoggers(Some.Context(), places, new(Metrics.WithCustomRegistry(_registry)), () => 0);
            var observer = new Observer(loggers, new(new(Metrics.WithCustomRegistry(_registry)), new()));
            var stream = FormatTests.Stream();
            stream.AccessLogs =
            [
                Read("""{name: a, typed_config: {"@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog, log_format: {json_format: {path: "%PATH%"}}}}"""),
                Read($$$"""{name: b, typed_config: {"@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: "{{{file}}}"}}"""),
            ];
            observer.Ended(stream);
        }

        Assert.Equal("{\"path\":\"/books?id=1\"}\n", output.ToString());
        Assert.Equal("[2026-01-02T03:04:05.678Z] \"GET /books?id=1 HTTP/2\" 503 UH,UF 0 0 12 7 \"-\" \"curl/8\" \"-\" \"store\" \"-\"\n", await File.ReadAllTextAsync(file));
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Requests_are_counted_for_the_listener_and_for_the_cluster()
    {
        var families = new StatFamilies(Metrics.WithCustomRegistry(_registry));
        var names = new ClusterNames();
        names.Replace([new() { Name = "shop/store|80", AltStatName = "store" }]);
        var statistics = new StreamStatistics(families, names);
        statistics.Count(FormatTests.Stream());

        var text = await PrometheusAsync();
        Assert.Contains("envoy_cluster_upstream_rq_total{envoy_cluster_name=\"store\"} 2", text, StringComparison.Ordinal);
        Assert.Contains("envoy_cluster_upstream_rq_xx{envoy_cluster_name=\"store\",envoy_response_code_class=\"5\"} 1", text, StringComparison.Ordinal);
        Assert.Contains("envoy_http_downstream_rq_xx{envoy_http_conn_manager_prefix=\"mesh-http\",envoy_response_code_class=\"5\"} 1", text, StringComparison.Ordinal);
        Assert.Contains(("cluster.store.upstream_rq_5xx", 1d), families.Read());
        Assert.Contains(("cluster.store.upstream_rq_retry", 1d), families.Read());
        Assert.Contains(("http.mesh-http.rbac.allowed", 1d), families.Read());

        names.Replace([]);
        statistics.Sweep();
        Assert.DoesNotContain("\"store\"", await PrometheusAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void Counting_a_request_like_one_before_allocates_nothing()
    {
        var statistics = new StreamStatistics(new(Metrics.WithCustomRegistry(_registry)), new());
        var stream = FormatTests.Stream();
        for (var warm = 0; warm < 100; warm++)
        {
            statistics.Count(stream);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 100; round++)
        {
            statistics.Count(stream);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static AccessLog Read(string yaml)
    {
        var read = EnvoyReader.Read(yaml, AccessLog.Descriptor);
        Assert.Empty(read.Problems);
        return (AccessLog)read.Message!;
    }

    private async Task<string> PrometheusAsync()
    {
        using var body = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(body);
        return Encoding.UTF8.GetString(body.ToArray());
    }
}
