using System.Text.Json.Nodes;

namespace OsmExt.E2E.Goldens;

/// <summary>
/// Every snapshot case, as the program prints it today, is put before real Envoys of both versions: each must take every proxy's
/// configuration, and warn of nothing.
/// </summary>
[Collection(nameof(Machine))]
public sealed class GoldenTests
{
    private static readonly string Folder = Path.Join(Checkout.Root, "core", "test", "OsmExt.Compiler.Tests", "cases");

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var name in Directory.EnumerateDirectories(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal))
            {
                cases.Add(name!, Requirements.Envoy);
                cases.Add(name!, Requirements.OldEnvoy);
            }

            return cases;
        }
    }

    /// <summary>Plugins, and their own cases.</summary>
    public static TheoryData<string, string, string> PluginCases
    {
        get
        {
            var cases = new TheoryData<string, string, string>();
            foreach (var input in Directory.EnumerateFiles(PluginSource.Root, "in.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                var parts = Path.GetRelativePath(PluginSource.Root, input).Split(Path.DirectorySeparatorChar);
                cases.Add(parts[0], parts[^2], Requirements.Envoy);
                cases.Add(parts[0], parts[^2], Requirements.OldEnvoy);
            }

            return cases;
        }
    }

    [MeshTheory]
    [MemberData(nameof(Cases))]
    public Task Envoy_takes_every_proxy_of_a_case_and_warns_of_nothing(string name, string version)
        => JudgeAsync(version, "--config", Path.Join(Folder, name, "in.yaml"));

    [MeshTheory]
    [MemberData(nameof(PluginCases))]
    public Task Envoy_takes_every_proxy_of_a_plugin_s_case_and_warns_of_nothing(string plugin, string name, string version)
        => JudgeAsync(version, ["--config", Path.Join(PluginSource.Root, plugin, "test", "cases", name, "in.yaml"), "--plugins", new PluginSource(plugin).Files, .. new PluginSource(plugin).PolicyOption]);

    private static async Task JudgeAsync(string version, params string[] input)
    {
        var translated = await Shell.OsmAsync(["translate", .. input, "-o", "json", "--envoy", version]);
        Assert.True(translated.ExitCode == 0, translated.ToString());

        var envoy = await Requirements.PathOfAsync(version);
        var proxies = JsonNode.Parse(translated.Output)!["proxies"]!.AsObject();
        var verdicts = await Task.WhenAll(proxies.Select(async proxy => (Pod: proxy.Key, Refusal: await RefusalAsync(envoy, StaticBootstrap.Of(proxy.Value!.AsObject())))));

        Assert.True(verdicts.All(verdict => verdict.Refusal is null), string.Join("\n\n", verdicts.Where(verdict => verdict.Refusal is not null)));
    }

    // Envoy 1.40 says OK and then crashes while it tears down a stats logger it never ran, so what it says counts, not how it ends.
    private static async Task<string?> RefusalAsync(string envoy, JsonObject bootstrap)
    {
        var file = Path.Join(Path.GetTempPath(), $"osm-golden-{Path.GetRandomFileName()}.json");
        await File.WriteAllTextAsync(file, bootstrap.ToJsonString());
        try
        {
            var verdict = await Shell.RunAsync(envoy, ["--mode", "validate", "-c", file, "--log-level", "warning"]);
            var complaints = verdict.Error.Split('\n').Where(line => line.Length > 0 && !line.Contains("[backtrace]", StringComparison.Ordinal));
            return verdict.Output.TrimEnd().EndsWith(" OK", StringComparison.Ordinal) && !complaints.Any() ? null : verdict.ToString();
        }
        finally
        {
            File.Delete(file);
        }
    }
}
