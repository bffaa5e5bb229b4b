using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using OsmExt.PluginHost.Loading;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.PluginHost.Tests;

[Collection(nameof(Alone))]
public sealed class ReloadTests : IDisposable
{
    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_did_not_change_is_not_loaded_again()
    {
        var before = _folder.Write("a").Write("b", PluginFolder.Manifest.Replace("id: lua", "id: other", StringComparison.Ordinal)).Load();

        var after = _folder.Write("a", template: PluginFolder.Template + "# new").Load(before);

        Assert.NotSame(before.Plugins[0], after.Plugins[0]);
        Assert.Same(before.Plugins[1], after.Plugins[1]);
    }

    [Theory]
    [InlineData("{{ if }}", null)]
    [InlineData(null, "id: [")]
    public void A_version_that_cannot_be_used_leaves_the_one_before_in_force(string? template, string? manifest)
    {
        var before = _folder.Write().Load();

        var after = _folder.Write(template: template ?? PluginFolder.Template, manifest: manifest ?? PluginFolder.Manifest).Load(before);

        Assert.Same(before.Plugins[0], Assert.Single(after.Plugins));
        Assert.Contains(after.Diagnostics, finding => finding.Code == DiagnosticCodes.LastGoodKept);
        Assert.Contains(after.Diagnostics, finding => finding.Code == DiagnosticCodes.PluginNotLoaded);
    }

    [Fact]
    public async Task A_hundred_versions_are_loaded_one_after_another_and_their_memory_comes_back()
    {
        const int warmUp = 20;
        var (set, versions, atFirst) = (PluginSet.Empty, new List<WeakReference>(), 0L);
        for (var version = 0; version < 100 + warmUp; version++)
        {
            if (version == warmUp)
            {
                await CollectedAsync(versions, 1);
                atFirst = GC.GetTotalMemory(forceFullCollection: true);
            }

            _folder.WriteCode().Write(template: $"{PluginFolder.Template}# {version}\n");
            File.WriteAllText(Path.Combine(_folder.Root, "behaviour", "version.txt"), $"{version}");
            set = Exchanged(set, versions);
        }

        await CollectedAsync(versions, 1);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true), 0, atFirst * 1.1);
        Assert.Equal(100 + warmUp, versions.Count);
        set.DisposeExcept(PluginSet.Empty);
    }

    [Fact]
    public void A_folder_that_is_gone_is_gone()
    {
        var before = _folder.Write().Load();
        Directory.Delete(Path.Combine(_folder.Root, "lua"), recursive: true);

        Assert.Empty(_folder.Load(before).Plugins);
    }

    [Fact]
    public void A_broken_plugin_that_proxies_cannot_do_without_holds_them()
    {
        var set = _folder.Write(template: "{{ if }}", manifest: PluginFolder.Manifest.Replace("failure: open", "failure: closed", StringComparison.Ordinal)).Load();

        var contributions = PluginFolder.Contribute(set, PluginFolder.Script("a", "{}"));

        Assert.NotNull(contributions.For(PluginFolder.Scope()).Held);
        Assert.Null(contributions.For(PluginFolder.Scope("other")).Held);
    }

    // Not inlined, so that no local of it lives on.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private PluginSet Exchanged(PluginSet before, List<WeakReference> versions)
    {
        var next = _folder.Load(before);
        var contributions = PluginFolder.Contribute(next, PluginFolder.Behaviour("a", "-- lua") + PluginFolder.Script("b", "{}"));
        Assert.Equal(2, contributions.For(PluginFolder.Scope()).All.Count);
        before.DisposeExcept(next);
        versions.Add(new(AssemblyLoadContext.GetLoadContext(next.Find("behaviour")!.Code!.Plugin!.GetType().Assembly)));
        return next;
    }

    private static async Task CollectedAsync(List<WeakReference> versions, int left)
    {
        for (var round = 0; round < 100 && versions.Count(version => version.IsAlive) > left; round++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
            SerializerCache.Evict();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.InRange(versions.Count(version => version.IsAlive), 0, left);
    }

    [Fact]
    public void Renames_and_exchanged_links_are_changes()
    {
        _folder.Write("..first").Write("..second", template: PluginFolder.Template + "#");
        var link = Path.Combine(_folder.Root, "..data");
        Directory.CreateSymbolicLink(link, "..first");
        Directory.CreateDirectory(Path.Combine(_folder.Root, "lua"));
        foreach (var file in new[] { "plugin.yaml", "lua.scriban", "schema.yaml" })
        {
            File.CreateSymbolicLink(Path.Combine(_folder.Root, "lua", file), $"../..data/{file}");
        }

        var (before, loaded) = (PluginStamp.Of(_folder.Root, null), _folder.Load());
        Assert.Equal(before, PluginStamp.Of(_folder.Root, null));
        File.Delete(link);
        Directory.CreateSymbolicLink(link, "..second");

        Assert.NotEqual(before, PluginStamp.Of(_folder.Root, null));
        Assert.NotEqual(loaded.Plugins[0].Digest, _folder.Load(loaded).Plugins[0].Digest);
    }
}

/// <summary>What measures the process's memory runs while nothing else does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
