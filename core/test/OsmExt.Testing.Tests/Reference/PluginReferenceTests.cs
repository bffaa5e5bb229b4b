using System.Runtime.CompilerServices;

namespace OsmExt.Testing.Tests.Reference;

public class PluginReferenceTests
{
    [Fact]
    public void The_reference_is_what_the_code_says()
    {
        var page = PluginReference.Page();
        if (Environment.GetEnvironmentVariable("OSM_ACCEPT_SNAPSHOTS") == "1" && Environment.GetEnvironmentVariable("CI") is null)
        {
            File.WriteAllText(Document(), page);
        }

        Assert.True(File.Exists(Document()) && File.ReadAllText(Document()) == page, "core/docs/plugin-reference.md is not what the code says; OSM_ACCEPT_SNAPSHOTS=1 writes it anew.");
        Assert.Contains("| `HttpFilter` | A filter of HTTP requests", page, StringComparison.Ordinal);
        Assert.Contains("| `Contribute(PluginInput input)` | `PluginOutput` |", page, StringComparison.Ordinal);
    }

    private static string Document([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", "plugin-reference.md");
}
