using System.Text;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Kubernetes.Tests.Manifests;

/// <summary>Whatever stands in a manifest, it is read or complained about with its place; never both ways, never differently the next time.</summary>
public sealed class ManifestFuzzTests
{
    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "apiVersion: v1\n", "kind: Pod\n", "kind: Service\n", "kind: TrafficTarget\n", "metadata:\n", "  name: a\n", "  namespace: b\n", "spec:\n", "labels:", "---\n", "...\n", "- ", "{", "}", "[", "]", ": ", ",", "\n",
            "\n  ", "null", "~", "true", "!!binary ", "&a ", "*a", "<<: ", "|\n", ">-\n", "'", "\"", "1e999", "-0", "99999999999999999999", "0o17", "\\u0000", "\u2028", "#", "%YAML 1.2\n", "? ", "\t", "List", "items:\n",
            "config.openservicemesh.io/v1alpha2", "split.smi-spec.io/v1alpha2", "access.smi-spec.io/v1alpha3", "specs.smi-spec.io/v1alpha4", "policy.openservicemesh.io/v1alpha1",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC0, 0x80], [0], [0xEF, 0xBB, 0xBF],
    ];

    [Fact]
    public void A_manifest_is_read_or_refused_with_reasons() => new Fuzzer("manifests", Judge, Words).Run();

    private static string Judge(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        var file = ManifestReader.Read(text, "fuzz.yaml");
        Assert.Equal(file, ManifestReader.Read(text, "fuzz.yaml"));
        foreach (var broken in file.Objects.Where(found => found.Resource is null))
        {
            Assert.Contains(file.Diagnostics, diagnostic => diagnostic.Severity == Severity.Error);
        }

        return string.Join('|', file.Diagnostics.Select(diagnostic => diagnostic.Code).Concat(file.Objects.Select(found => $"{found.Key.Kind}{(found.Resource is null ? "-" : "+")}"))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(6)) + (file.Unidentified.Count > 0 ? "?" : "");
    }
}
