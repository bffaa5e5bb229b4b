using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using OsmExt.PluginHost;
using OsmExt.PluginHost.Loading;
using OsmExt.Testing.Cases;

namespace OsmExt.Plugins.Tests;

/// <summary>Every plugin a hundred times over: version after version takes the place of the one before, and nothing of that one stays in memory.</summary>
[Collection(nameof(Alone))]
public sealed class ReloadTests : IDisposable
{
    private const int WarmUp = 20;
    private const int Versions = 100;
    private readonly string _root = Directory.CreateTempSubdirectory("osm-plugins-").FullName;

    public static TheoryData<string> Plugins => ConformanceTests.Plugins;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [MemberData(nameof(Plugins))]
    public async Task A_hundred_versions_take_each_others_place_and_their_memory_comes_back(string name)
    {
        var plugin = new PluginFolder(name);
        var (set, contexts, atFirst) = (PluginSet.Empty, new List<WeakReference>(), 0L);
        for (var version = 1; version <= WarmUp + Versions; version++)
        {
            set = Exchange(plugin, version, set, contexts);
            if (version == WarmUp)
            {
                atFirst = await RestAsync(contexts);
            }
        }

        Assert.InRange(await RestAsync(contexts), 0, atFirst * 1.1);
        set.DisposeExcept(PluginSet.Empty);
    }

    // What is in memory once nothing but the last version is.
    private static async Task<long> RestAsync(List<WeakReference> contexts)
    {
        for (var round = 0; round < 100 && contexts.Count(context => context.IsAlive) > 1; round++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
            SerializerCache.Evict();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.InRange(contexts.Count(context => context.IsAlive), 0, 1);
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    // Not inlined, so that no local of it lives on.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private PluginSet Exchange(PluginFolder plugin, int version, PluginSet before, List<WeakReference> contexts)
    {
        Write(plugin, version);
        var next = PluginSet.Load(_root, plugin.Grants, TimeProvider.System, before);
        var loaded = Assert.Single(next.Plugins);
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"0.1.{version}"), loaded.Manifest.Version.ToString());
        // It is asked, and what it says is put into proxies, so that there is something to keep.
        var input = Path.Combine(plugin.Cases, CaseFolder.Names(plugin.Cases)[0], TranslationCase.InputFile);
        Assert.NotEmpty(TranslationCase.Translate(TranslationCase.Read(input, next), next)["proxies"]!.AsObject());

        before.DisposeExcept(next);
        Assert.All(before.Plugins, old => Assert.DoesNotContain(old, next.Plugins));
        if (loaded.Code is { } code)
        {
            contexts.Add(new(AssemblyLoadContext.GetLoadContext(code.Plugin!.GetType().Assembly)));
        }

        return next;
    }

    private void Write(PluginFolder plugin, int version)
    {
        var folder = Path.Combine(_root, plugin.Name);
        foreach (var file in Directory.EnumerateFiles(plugin.Files, "*", SearchOption.AllDirectories).Where(file => !file.Contains($"{Path.DirectorySeparatorChar}test{Path.DirectorySeparatorChar}", StringComparison.Ordinal)))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(plugin.Files, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }

        var manifest = Path.Combine(folder, "plugin.yaml");
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("version: 0.1.0", string.Create(CultureInfo.InvariantCulture, $"version: 0.1.{version}"), StringComparison.Ordinal));
        foreach (var template in Directory.EnumerateFiles(folder, "*.scriban", SearchOption.AllDirectories))
        {
            File.AppendAllText(template, string.Create(CultureInfo.InvariantCulture, $"# {version}\n"));
        }
    }
}

/// <summary>What is measured of the whole process is measured with nothing beside it.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
