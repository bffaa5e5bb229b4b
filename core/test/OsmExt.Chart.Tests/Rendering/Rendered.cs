using System.Text.Json.Nodes;
using OsmExt.TestedKubernetes;

namespace OsmExt.Chart.Tests.Rendering;

/// <summary>What helm makes of the chart.</summary>
internal static class Rendered
{
    /// <summary>The text that <c>helm template</c> prints, as a mesh called <c>osm</c> in <c>osm-system</c>.</summary>
    public static async Task<string> TextAsync(params IEnumerable<string> settings)
    {
        var run = await HelmAsync(settings);
        return run.ExitCode == 0 ? run.Output : throw new InvalidOperationException($"helm template {string.Join(' ', settings)}: {run.Errors}");
    }

    public static async Task<IReadOnlyList<JsonObject>> ObjectsAsync(params IEnumerable<string> settings) => YamlText.Objects(await TextAsync(settings));

    /// <summary>What helm says when it refuses.</summary>
    public static async Task<string> RefusalAsync(params IEnumerable<string> settings)
    {
        var run = await HelmAsync(settings);
        return run.ExitCode != 0 ? run.Errors : throw new InvalidOperationException($"helm template {string.Join(' ', settings)} was not refused");
    }

    private static Task<Finished> HelmAsync(IEnumerable<string> settings)
        => Checkout.RunAsync(KubernetesTools.Find("helm")!, ["template", "osm", Checkout.Chart, "--namespace", "osm-system", .. settings.SelectMany(setting => new[] { setting.StartsWith('@') ? "--set-json" : "--set", setting.TrimStart('@') })]);
}
