using System.Text.Json.Nodes;

namespace OsmExt.E2E.Goldens;

/// <summary>
/// Every snapshot case, as the program prints it today, is put before real Envoys of both versions: each must take every proxy's
/// configuration, and warn of nothing. Nothing here measures or needs a network, so the kinds run side by side, before the meshes.
/// </summary>
public sealed class GoldenTests
{
    private static readonly string Folder = Path.Join(Checkout.Root, "core", "test", "OsmExt.Compiler.Tests", "cases");

    private static TheoryData<string> Cases
        => [.. Directory.EnumerateDirectories(Folder).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    // Plugins, and their own cases.
    private static TheoryData<string, string> PluginCases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var input in Directory.EnumerateFiles(PluginSource.Root, "in.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                var parts = Path.GetRelativePath(PluginSource.Root, input).Split(Path.DirectorySeparatorChar);
                cases.Add(parts[0], parts[^2]);
            }

            return cases;
        }
    }

    /// <summary>The core's cases and the newest Envoy.</summary>
    public sealed class OfTheCoreOnTheNewest
    {
        public static TheoryData<string> All => Cases;

        [MeshTheory]
        [MemberData(nameof(All))]
        public Task Envoy_takes_every_proxy_of_a_case_and_warns_of_nothing(string name) => JudgeCoreAsync(Requirements.Envoy, name);
    }

    /// <summary>The core's cases and the oldest Envoy.</summary>
    public sealed class OfTheCoreOnTheOldest
    {
        public static TheoryData<string> All => Cases;

        [MeshTheory]
        [MemberData(nameof(All))]
        public Task Envoy_takes_every_proxy_of_a_case_and_warns_of_nothing(string name) => JudgeCoreAsync(Requirements.OldEnvoy, name);
    }

    /// <summary>Plugins' cases and the newest Envoy.</summary>
    public sealed class OfPluginsOnTheNewest
    {
        public static TheoryData<string, string> All => PluginCases;

        [MeshTheory]
        [MemberData(nameof(All))]
        public Task Envoy_takes_every_proxy_of_a_case_and_warns_of_nothing(string plugin, string name) => JudgePluginAsync(Requirements.Envoy, plugin, name);
    }

    /// <summary>Plugins' cases and the oldest Envoy.</summary>
    public sealed class OfPluginsOnTheOldest
    {
        public static TheoryData<string, string> All => PluginCases;

        [MeshTheory]
        [MemberData(nameof(All))]
        public Task Envoy_takes_every_proxy_of_a_case_and_warns_of_nothing(string plugin, string name) => JudgePluginAsync(Requirements.OldEnvoy, plugin, name);
    }

    private static Task JudgeCoreAsync(string version, string name) => JudgeAsync(version, "--config", Path.Join(Folder, name, "in.yaml"));

    private static Task JudgePluginAsync(string version, string plugin, string name) => JudgeAsync(
        version, ["--config", Path.Join(PluginSource.Root, plugin, "test", "cases", name, "in.yaml"), "--plugins", new PluginSource(plugin).Files, .. new PluginSource(plugin).PolicyOption]);

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
