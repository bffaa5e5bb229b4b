using OsmExt.Kubernetes.Manifests;

namespace OsmExt.Kubernetes.Tests.Manifests;

/// <summary>
/// Every kind of mistake with its exact place and wording: samples/faults/NAME.yaml against NAME.verified.txt, which lists the
/// findings by place and then the objects that are used all the same.
/// </summary>
public sealed class FaultTests
{
    private static readonly string Folder = Manifest.SamplePath("faults");

    public static TheoryData<string> Cases => [.. Directory.GetFiles(Folder, "*.yaml").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_mistake_is_reported_at_once_with_its_place(string name)
    {
        var file = ManifestReader.Read(File.ReadAllText(Path.Combine(Folder, $"{name}.yaml")), $"{name}.yaml");

        var findings = file.Diagnostics.OrderBy(found => found.Location!.Line).ThenBy(found => found.Location!.Column);
        var used = string.Join(", ", file.Resources.Select(resource => resource.Key));
        var expected = File.ReadAllText(Path.Combine(Folder, $"{name}.verified.txt"));
        Assert.Equal(expected.ReplaceLineEndings("\n"), $"{string.Join('\n', findings)}\n\nused: {used}\n");
    }
}
