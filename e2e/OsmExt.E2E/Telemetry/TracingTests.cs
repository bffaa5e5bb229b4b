using System.Text.Json.Nodes;

namespace OsmExt.E2E.Telemetry;

/// <summary>Spans that sidecars of both versions send, and how they belong together.</summary>
[Collection(nameof(TelemetryCollection))]
public sealed class TracingTests(TelemetryMesh telemetry)
{
    [MeshTheory]
    [InlineData("buyer")]
    [InlineData("old-buyer")]
    public async Task A_request_is_one_trace_at_both_its_ends(string client)
    {
        var url = $"http://echo-v1:8080/traced/{client}";
        Assert.Equal(200, await telemetry.Mesh.Pod(client).StatusAsync(url));

        JsonNode[] spans = [];
        await Wait.UntilAsync(async () => (spans = await SpansAsync(url)).Length == 2, "both spans are at the collector");
        Assert.Equal([$"{client}.shop", "v1.shop"], spans.Select(span => (string?)span["localEndpoint"]!["serviceName"]).Order(StringComparer.Ordinal));
        Assert.Equal(["CLIENT", "SERVER"], spans.Select(span => (string?)span["kind"]).Order(StringComparer.Ordinal));
        Assert.Single(spans.Select(span => (string?)span["traceId"]).Distinct(StringComparer.Ordinal));
    }

    [MeshFact]
    public async Task A_service_s_own_collector_is_sent_its_spans_in_its_own_form()
    {
        const string Url = "http://echo-v2:8080/traced/otlp";
        Assert.Equal(200, await telemetry.Mesh.Pod("buyer").StatusAsync(Url));

        await Wait.UntilAsync(
            async () => (await telemetry.ReceivedAsync("/opentelemetry.proto.collector.trace.v1.TraceService/Export")).Any(message
                => new[] { "v2.shop", Url, "team", "orders" }.All(text => message.Contains(text, StringComparison.Ordinal))),
            "the older server's span is at the collector");
        // The caller's goes where all go.
        await Wait.UntilAsync(async () => await SpansAsync(Url) is [{ } span] && (string?)span["localEndpoint"]!["serviceName"] == "buyer.shop", "the caller's span is where all are");
    }

    private async Task<JsonNode[]> SpansAsync(string url)
        => [.. (await telemetry.ReceivedAsync("/api/v2/spans")).SelectMany(message => JsonNode.Parse(message)!.AsArray())
            .Where(span => (string?)span!["tags"]!["http.url"] == url).Select(span => span!)];
}
