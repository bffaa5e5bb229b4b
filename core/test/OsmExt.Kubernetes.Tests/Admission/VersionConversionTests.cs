using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Admission;

namespace OsmExt.Kubernetes.Tests.Admission;

public sealed class VersionConversionTests
{
    private const string Split = """
        {"apiVersion":"split.smi-spec.io/v1alpha4","kind":"TrafficSplit","metadata":{"name":"s","annotations":{"a":"b"}},
         "spec":{"service":"web","backends":[{"service":"web","weight":1}],"matches":[{"kind":"HTTPRouteGroup","name":"beta"}]}}
        """;

    private const string Config = """
        {"apiVersion":"config.openservicemesh.io/v1alpha2","kind":"MeshConfig","metadata":{"name":"c"},
         "spec":{"sidecar":{"logLevel":"error","localProxyMode":"PodIP","cipherSuites":["x"]},"traffic":{"networkInterfaceExclusionList":["net1"],"enableEgress":true},
                 "featureFlags":{"enableMeshRootCertificate":true}}}
        """;

    [Theory]
    [InlineData(Split, "split.smi-spec.io/v1alpha2")]
    [InlineData(Config, "config.openservicemesh.io/v1alpha1")]
    public void An_old_version_has_only_its_own_fields_and_the_way_back_loses_nothing(string text, string old)
    {
        var source = JsonNode.Parse(text)!.AsObject();

        var (older, problem) = VersionConversion.Convert(source, old);

        Assert.Null(problem);
        Assert.Equal(old, (string?)older!["apiVersion"]);
        foreach (var newer in new[] { "matches", "localProxyMode", "cipherSuites", "networkInterfaceExclusionList", "enableMeshRootCertificate" })
        {
            Assert.DoesNotContain($"\"{newer}\":", older["spec"]!.ToJsonString(), StringComparison.Ordinal);
        }

        Assert.True(JsonNode.DeepEquals(source, VersionConversion.Convert(older, (string)source["apiVersion"]!).Converted));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(text), source));
    }

    [Fact]
    public void What_is_set_in_the_newer_version_counts_before_what_was_kept()
    {
        var older = VersionConversion.Convert(JsonNode.Parse(Split)!.AsObject(), "split.smi-spec.io/v1alpha2").Converted!;
        older["spec"]!["matches"] = new JsonArray();
        Assert.Empty(VersionConversion.Convert(older, "split.smi-spec.io/v1alpha4").Converted!["spec"]!["matches"]!.AsArray());
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[1]")]
    [InlineData("""{"metadata.name":"other","status.x":1}""")]
    public void An_annotation_that_somebody_else_wrote_changes_nothing_but_the_spec(string kept)
    {
        var source = JsonNode.Parse(Split)!.AsObject();
        source["metadata"]!["annotations"]![VersionConversion.Kept] = kept;

        var converted = VersionConversion.Convert(source, "split.smi-spec.io/v1alpha4").Converted!;

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Split), converted));
    }

    [Theory]
    [InlineData("split.smi-spec.io/v1alpha4", "TrafficSplit", "split.smi-spec.io/v9", "TrafficSplit has no version \"split.smi-spec.io/v9\"; it has split.smi-spec.io/v1alpha4, split.smi-spec.io/v1alpha2")]
    [InlineData("apps/v1", "Deployment", "apps/v2", "Deployment has no version")]
    [InlineData("x/v1", "Y", "x/v2", "\"Y\" of \"x/v1\" is not converted here")]
    public void What_cannot_be_converted_is_said(string from, string kind, string to, string problem)
        => Assert.StartsWith(problem, VersionConversion.Convert(new() { ["apiVersion"] = from, ["kind"] = kind }, to).Problem, StringComparison.Ordinal);

    [Fact]
    public void A_review_is_answered_object_by_object_or_not_at_all()
    {
        var review = JsonNode.Parse($$"""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"ConversionReview","request":{"uid":"u","desiredAPIVersion":"split.smi-spec.io/v1alpha2","objects":[{{Split}},{{Split}}] } }
            """)!;

        var good = ConversionReview.Answer(review).Answer!["response"]!;
        Assert.Equal(("u", "Success", 2), ((string?)good["uid"], (string?)good["result"]!["status"], good["convertedObjects"]!.AsArray().Count));

        review["request"]!["objects"]!.AsArray().Add(5);
        var bad = ConversionReview.Answer(review).Answer!["response"]!;
        Assert.Equal(("Failed", "an object is none"), ((string?)bad["result"]!["status"], (string?)bad["result"]!["message"]));
        Assert.Equal("expected a ConversionReview of apiextensions.k8s.io/v1", ConversionReview.Answer(new JsonArray()).Problem);
    }
}
