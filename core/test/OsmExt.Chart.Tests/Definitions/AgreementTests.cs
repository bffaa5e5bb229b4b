using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.PluginHost;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Chart.Tests.Definitions;

/// <summary>
/// What the manifest reader takes without a word, the API server takes: a mesh of files can be put on a cluster. The objects are those of all the cases in the repository.
/// </summary>
public class AgreementTests
{
    private static readonly string[] Places = ["core", "plugins", "e2e"];
    private static readonly PluginKinds Kinds = new(PluginFolders.All.SelectMany(folder => PluginSet.Load(folder, Checkout.In("build/plugin-policy.yaml"), TimeProvider.System).Kinds));

    public static TheoryData<string> Cases =>
        [.. Places.SelectMany(place => Directory.EnumerateFiles(Checkout.In(place), "in.yaml", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Checkout.Root, file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_read_without_findings_is_accepted(string file)
    {
        foreach (var value in Objects(File.ReadAllText(Checkout.In(file))))
        {
            var findings = ManifestReader.Read(value.ToJsonString(), file, Kinds).Diagnostics.Where(finding => finding.Severity != Severity.Info);
            if (Definition.Of(value) is { } definition && !findings.Any())
            {
                Assert.True(definition.Refusals(value) is { Count: 0 }, $"{value.Kind()} {value.Name()}: {string.Join("; ", definition.Refusals(value))}");
            }
        }
    }

    private static IReadOnlyList<JsonObject> Objects(string text)
    {
        try
        {
            return YamlText.Objects(text);
        }
        catch (YamlDotNet.Core.YamlException)
        {
            return []; // The case is about that.
        }
    }
}
