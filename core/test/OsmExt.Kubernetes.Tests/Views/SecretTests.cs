using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Tests.Views;

/// <summary>Secrets are read only when asked for, and nothing that is said of them has a value in it.</summary>
public sealed class SecretTests
{
    [Fact]
    public void Values_are_decoded_and_texts_count_before_them()
    {
        var file = Read("type: kubernetes.io/tls\nimmutable: true\ndata: {tls.crt: aGlkZGVu, both: aGlkZGVu}\nstringData: {both: plain}");

        Assert.Empty(file.Diagnostics);
        var secret = Assert.IsType<Secret>(Assert.Single(file.Resources));
        Assert.Equal("kubernetes.io/tls", secret.Type);
        Assert.Equal(["both=plain", "tls.crt=hidden"], secret.Entries.Select(entry => $"{entry.Key}={System.Text.Encoding.UTF8.GetString(entry.Value.Reveal().Span)}"));
        Assert.DoesNotContain("hidden", secret.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Copies_in_annotations_are_not_kept()
        => Assert.Equal(LabelSet.Empty, Assert.Single(Read("data: {}", "annotations: {kubectl.kubernetes.io/last-applied-configuration: hidden}").Resources).Metadata.Annotations);

    [Theory]
    [InlineData("data: {token: \"hidden!\"}", "data[token]")]
    [InlineData("data: {token: hidden-text}", "data[token]")]
    [InlineData("data: {token: [hidden]}", "data[token]")]
    [InlineData("data: hidden", "data")]
    public void Mistakes_are_told_without_the_value(string body, string field)
    {
        var file = Read(body);

        Assert.Empty(file.Resources);
        var finding = Assert.Single(file.Diagnostics);
        Assert.Equal((Severity.Error, field), (finding.Severity, finding.Field));
        Assert.DoesNotContain("hidden", finding.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_plugin_that_may_have_them_none_is_read()
    {
        var file = ManifestReader.Read(Text("data: {token: aGlkZGVu}"), "in.yaml", PluginKinds.None);

        Assert.Empty(file.Resources);
        Assert.Empty(file.Diagnostics);
    }

    private static ManifestFile Read(string body, string metadata = "") => ManifestReader.Read(Text(body, metadata), "in.yaml", new PluginKinds([], secrets: true));

    private static string Text(string body, string metadata = "") => $"apiVersion: v1\nkind: Secret\nmetadata: {{name: token, namespace: shop{(metadata.Length > 0 ? $", {metadata}" : "")}}}\n{body}\n";
}
