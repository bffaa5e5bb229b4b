using OsmExt.Kubernetes.Tests.Manifests;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Tests.Views;

/// <summary>ReferenceGrants are read whole or not at all.</summary>
public sealed class ReferenceGrantTests
{
    [Theory]
    [InlineData("v1")]
    [InlineData("v1beta1")]
    public void A_grant_is_read_in_both_versions(string version)
    {
        var file = Manifest.Read(Grant("from: [{group: a.org, kind: A, namespace: x}]\n  to: [{group: \"\", kind: Service, name: web}, {group: \"\", kind: Pod}]", version));

        Assert.Empty(file.Diagnostics);
        var grant = Assert.IsType<ReferenceGrant>(Assert.Single(file.Resources));
        var who = new GrantFrom("a.org", "A", "x");
        Assert.True(grant.Allows(who, "", "Service", "web"));
        Assert.True(grant.Allows(who, "", "Pod", null));
        Assert.False(grant.Allows(who, "", "Service", "other"));
        Assert.False(grant.Allows(who, "", "Service", null));
        Assert.False(grant.Allows(who with { Namespace = "y" }, "", "Pod", null));
    }

    [Theory]
    [InlineData("from: []\n  to: [{group: \"\", kind: Service}]", "spec.from")]
    [InlineData("from: [{group: a.org, kind: A, namespace: x}]", "spec.to")]
    [InlineData("from: [{group: a.org, kind: A}]\n  to: [{group: \"\", kind: Service}]", "spec.from[0].namespace")]
    [InlineData("from: [{kind: A, namespace: x}]\n  to: [{group: \"\", kind: Service}]", "spec.from[0].group")]
    [InlineData("from: [{group: a.org, kind: A, namespace: x}]\n  to: [{group: \"\", kind: Service, name: \"\"}]", "spec.to[0].name")]
    // A misspelt name would grant every service.
    [InlineData("from: [{group: a.org, kind: A, namespace: x}]\n  to: [{group: \"\", kind: Service, nmae: web}]", "spec.to[0].nmae")]
    public void A_grant_with_a_mistake_grants_nothing(string spec, string field)
    {
        var file = Manifest.Read(Grant(spec));

        Assert.Empty(file.Resources);
        Assert.Equal(field, Assert.Single(file.Diagnostics, finding => finding.Severity == Severity.Error).Field);
    }

    [Theory]
    [InlineData("HTTPRoute", null)]
    [InlineData("TCPRoute", null)]
    [InlineData("ReferenceGrants", DiagnosticCodes.UnknownKind)]
    public void Other_kinds_of_the_Gateway_API_are_passed_over_and_misspelt_ones_are_told(string kind, string? code)
        => Assert.Equal(code, Manifest.Read($"apiVersion: gateway.networking.k8s.io/v1\nkind: {kind}\nmetadata: {{name: a, namespace: b}}\n").Diagnostics.SingleOrDefault()?.Code);

    private static string Grant(string spec, string version = "v1")
        => $"apiVersion: gateway.networking.k8s.io/{version}\nkind: ReferenceGrant\nmetadata: {{name: g, namespace: shop}}\nspec:\n  {spec}\n";
}
