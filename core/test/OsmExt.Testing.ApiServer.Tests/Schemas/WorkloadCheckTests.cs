using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Schemas;

namespace OsmExt.Testing.ApiServer.Tests.Schemas;

public class WorkloadCheckTests
{
    [Theory]
    [InlineData("{selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b, c: d}}}}", null, "")]
    [InlineData("{selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: c}}}}", null, "spec.template.metadata.labels: Invalid value: \"object\": `selector` does not match template `labels`")]
    [InlineData("{selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}}}", "{selector: {matchLabels: {a: c}}}", "spec.selector: Invalid value: \"object\": field is immutable")]
    [InlineData("{template: {metadata: {labels: {a: b}}}}", null, "spec.selector: Required value")]
    public void Which_pods_are_a_deployments_is_judged(string spec, string? old, string expected)
        => Assert.Equal(expected, string.Join("; ", WorkloadCheck.Of(old is null ? null : Deployment(old), Deployment(spec))));

    private static JsonObject Deployment(string spec) => new() { ["kind"] = "Deployment", ["spec"] = Json.Of(spec) };
}
