using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Schemas;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Tests.Schemas;

public class MetadataTests
{
    [Theory]
    [InlineData("pods", "web-1.shop", "")]
    [InlineData("pods", "Web", "metadata.name: Invalid value: \"Web\": a lowercase RFC 1123 subdomain must consist of")]
    [InlineData("pods", "web_1", "metadata.name: Invalid value: \"web_1\": a lowercase RFC 1123 subdomain must consist of")]
    [InlineData("namespaces", "a.b", "metadata.name: Invalid value: \"a.b\": a lowercase RFC 1123 label must consist of")]
    [InlineData("services", "1st", "metadata.name: Invalid value: \"1st\": a DNS-1035 label must consist of")]
    [InlineData("services", "first", "")]
    public void Names_are_judged_by_kind(string plural, string name, string expected)
        => Assert.StartsWith(expected, string.Join("; ", MetadataCheck.Of(Kind(plural), new() { ["metadata"] = new JsonObject { ["name"] = name } })), StringComparison.Ordinal);

    [Theory]
    [InlineData("{app: web, osm.example.com/Part_1: '', '3': a.b}", "")]
    [InlineData("{app: 'a b'}", "metadata.labels: Invalid value: \"a b\": a valid label must be an empty string or consist of")]
    [InlineData("{'-app': web}", "metadata.labels: Invalid value: \"-app\": name part must consist of")]
    [InlineData("{'a/b/c': web}", "metadata.labels: Invalid value: \"a/b/c\": name part must consist of")]
    public void Labels_are_judged(string labels, string expected)
        => Assert.StartsWith(expected, string.Join("; ", MetadataCheck.Of(Kind("pods"), new() { ["metadata"] = new JsonObject { ["labels"] = Json.Of(labels) } })), StringComparison.Ordinal);

    [Theory]
    [InlineData("{selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b, c: d}}}}", null, "")]
    [InlineData("{selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: c}}}}", null, "spec.template.metadata.labels: Invalid value: \"object\": `selector` does not match template `labels`")]
    [InlineData("{selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}}}", "{selector: {matchLabels: {a: c}}}", "spec.selector: Invalid value: \"object\": field is immutable")]
    [InlineData("{template: {metadata: {labels: {a: b}}}}", null, "spec.selector: Required value")]
    public void Which_pods_are_a_deployments_is_judged(string spec, string? old, string expected)
        => Assert.Equal(expected, string.Join("; ", WorkloadCheck.Of(old is null ? null : Deployment(old), Deployment(spec))));

    private static JsonObject Deployment(string spec) => new() { ["kind"] = "Deployment", ["spec"] = Json.Of(spec) };

    private static ResourceKind Kind(string plural) => new("", "v1", plural, "", "", true);
}
