using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
using OsmExt.PluginHost.Loading;
using OsmExt.PluginHost.Manifests;
using OsmExt.PluginHost.Rollout;
using OsmExt.PluginHost.Running;
using OsmExt.PluginHost.Services;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost;

/// <summary>
/// The plugins of a directory as they were at one moment: what was loaded, in a fixed order, and what could not be. Asked for a
/// mesh, it answers with what they contribute.
/// </summary>
internal sealed class PluginSet
{
    private readonly SlotOrder _order;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<Diagnostic> _findings;

    private PluginSet(IReadOnlyList<PluginLoad> loads, PluginPolicy policy, IReadOnlyList<Diagnostic> findings, TimeProvider time, params IReadOnlyList<StagedPlugin> staged)
    {
        (Loads, Policy, Staged, _findings, _time) = (loads, policy, staged, findings, time);
        var diagnostics = findings.Concat(loads.SelectMany(load => load.Findings)).ToList();
        Plugins = Unique(loads, diagnostics);
        // What is broken, and not just refused, still decides what becomes of the proxies that cannot do without it.
        Broken = [.. loads.Where(load => load is { Plugin: null, IsRefused: false, Manifest.Failure: FailureMode.Closed }).Select(load => load.Manifest!)];
        _order = SlotOrder.Of(Plugins.Select(plugin => plugin.Manifest), diagnostics);
        Kinds = [.. Plugins.Select(plugin => plugin.Manifest).Concat(Broken).SelectMany(manifest => manifest.Resources).DistinctBy(kind => (kind.Group, kind.Kind))];
        Reads = Plugins.Concat(staged.Select(plugin => plugin.Plugin)).SelectMany(plugin => plugin.Manifest.Reads).ToHashSet(StringComparer.Ordinal);
        Diagnostics = new SortedSet<Diagnostic>(diagnostics).ToEquatableArray();
        Untold = loads.Count == 0 && findings.Count > 0 ? ["*/*"]
            : loads.Any(load => load is { Plugin: null, IsRefused: false }) ? [.. policy.Plugins.Where(entry => Find(entry.Key) is null).SelectMany(entry => entry.Value.Certificates.Secrets)]
            : [];
    }

    /// <summary>No plugins.</summary>
    public static PluginSet Empty { get; } = new([], PluginPolicy.Default, [], TimeProvider.System);

    /// <summary>What the operator decided when it was loaded.</summary>
    public PluginPolicy Policy { get; }

    /// <summary>New versions that some proxies have in place of those in force.</summary>
    public IReadOnlyList<StagedPlugin> Staged { get; }

    /// <summary>What became of each folder.</summary>
    public IReadOnlyList<PluginLoad> Loads { get; }

    /// <summary>Those that can run, by id.</summary>
    public IReadOnlyList<LoadedPlugin> Plugins { get; }

    /// <summary>The plugin of that id, if it can run.</summary>
    public LoadedPlugin? Find(string id) => Plugins.FirstOrDefault(plugin => string.Equals(plugin.Id, id, StringComparison.Ordinal));

    /// <summary>Those that cannot, and that proxies cannot do without.</summary>
    public IReadOnlyList<PluginManifest> Broken { get; }

    /// <summary>Whether any of them may have Secrets.</summary>
    public bool MayHaveSecrets => Plugins.Concat(Staged.Select(staged => staged.Plugin)).Any(plugin => plugin.Manifest.Capabilities.Contains(PluginCapability.ReadSecrets));

    /// <summary>The kinds of objects they read.</summary>
    public EquatableArray<PluginKind> Kinds { get; }

    /// <summary>The kinds of the mesh's own objects they read: what they contribute may change with any of these.</summary>
    public IReadOnlySet<string> Reads { get; }

    /// <summary>Where Secrets may be, by patterns, that plugins asked for which cannot be read now.</summary>
    public EquatableArray<string> Untold { get; }

    /// <summary>What is wrong with them.</summary>
    public EquatableArray<Diagnostic> Diagnostics { get; }

    /// <summary>Everything in a directory. It never throws for what is in it.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="policyFile">The operator's policy; null for the one in the directory, if there is one.</param>
    /// <param name="time">The time.</param>
    /// <param name="before">What was there before: unchanged plugins are taken from it, and what now cannot be used stays as it was.</param>
    public static PluginSet Load(string directory, string? policyFile, TimeProvider time, PluginSet? before = null)
    {
        var (policy, findings) = PluginDirectory.Policy(directory, policyFile);
        if (policy is null)
        {
            return new(before?.Loads ?? [], before?.Policy ?? PluginPolicy.Default, findings, time);
        }

        var known = (before?.Loads ?? []).ToDictionary(load => load.Folder, StringComparer.Ordinal);
        try
        {
            var loader = new PluginLoader(policy, time);
            return new([.. PluginDirectory.Folders(directory).Select(folder => Load(loader, folder, known.GetValueOrDefault(folder)?.Plugin))], policy, findings, time);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new(before?.Loads ?? [], policy, [new(DiagnosticCodes.Unreadable, Severity.Error, null, "", failure.Message.TrimEnd('.'),
                "Create the directory of plugins, or make it readable", new SourceLocation(directory))], time);
        }
    }

    /// <summary>The same without one new version: with the one before, if the operator lets that run, else with none.</summary>
    public PluginSet Instead(PluginLoad of, LoadedPlugin before, IEnumerable<Diagnostic> because)
    {
        var failed = of with { Plugin = null, Findings = [.. of.Findings, .. because] };
        var instead = of.MayKeep ? Kept(failed, before) : failed with { Findings = [.. failed.Findings, NothingLeft(before)] };
        return new([.. Loads.Select(load => load != of ? load : instead)], Policy, [], _time);
    }

    /// <summary>One plugin alone, to try it.</summary>
    public static PluginSet Alone(PluginLoad load, TimeProvider time) => new([load], PluginPolicy.Default, [], time);

    /// <summary>These and others; where both have a plugin of one id, the other's.</summary>
    public PluginSet With(PluginSet others)
    {
        var ids = others.Loads.Select(load => load.Manifest?.Id).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var kept = Loads.Where(load => load.Manifest is null || !ids.Contains(load.Manifest.Id)).ToArray();
        return new([.. kept, .. others.Loads], Policy, [], _time);
    }

    private IEnumerable<LoadedPlugin> InMemory => Loads.Select(load => load.Plugin).OfType<LoadedPlugin>().Concat(Staged.Select(plugin => plugin.Plugin));

    /// <summary>Unloads the plugins that the other set does not have.</summary>
    public void DisposeExcept(PluginSet next)
    {
        foreach (var plugin in InMemory.Where(plugin => !next.InMemory.Contains(plugin, ReferenceEqualityComparer.Instance)))
        {
            plugin.Dispose();
        }
    }

    /// <summary>
    /// Why an object does not count, by what the plugins that have its kind say of it alone; nothing when it does. A function of the object: whoever admits objects can ask.
    /// </summary>
    public IReadOnlyList<Diagnostic> Review(PluginResource resource)
    {
        var findings = new SortedSet<Diagnostic>();
        foreach (var plugin in Plugins.Where(plugin => plugin.Manifest.KindOf(resource) is not null))
        {
            new KindVersions(plugin, _time).InFirst(new(new(new("")), "", [resource], CancellationToken.None), (_, found) => findings.UnionWith(found));
        }

        return [.. findings];
    }

    /// <summary>The same with new versions of some for those whom they reach.</summary>
    public PluginSet With(IReadOnlyList<StagedPlugin> staged) => new(Loads, Policy, _findings, _time, staged);

    /// <summary>Starts the services of the plugins that were not in force before.</summary>
    public void StartServices(PluginSet before, ServiceEvents events)
    {
        foreach (var plugin in Plugins.Where(plugin => !before.Plugins.Any(other => ReferenceEquals(other, plugin))))
        {
            plugin.Services.Start(before.Find(plugin.Id)?.Services, events);
        }
    }

    /// <summary>Stops all services; ends when they have ended, or are left behind.</summary>
    public Task StopServicesAsync() => Task.WhenAll(Plugins.Select(plugin => plugin.Services.StopAsync()));

    /// <summary>What the plugins contribute to a mesh.</summary>
    public IMeshContributions Contribute(Mesh mesh, ResourceSnapshot snapshot, CompilerOptions options)
    {
        if (Staged.Count > 0)
        {
            return new StagedRun(this, options, _time).Contribute(mesh, snapshot);
        }

        if (Plugins.Count == 0 && Broken.Count == 0 && Diagnostics.IsEmpty)
        {
            return NoContributions.Instance;
        }

        var collected = new CollectedContributions(Diagnostics, snapshot);
        foreach (var plugin in Plugins)
        {
            new PluginRun(plugin, _order, options, _time).Into(collected, mesh, snapshot);
        }

        HoldForBroken(collected, mesh, snapshot, options);
        if (collected.Requests.Count > 0)
        {
            collected.Issue(new(mesh, snapshot, options));
        }

        return new MeshContributions(collected, [.. Plugins.Select(plugin => plugin.Manifest)], Quarantine.None);
    }

    /// <summary>Whom plugins that could not be loaded may concern keeps what it has, Secrets among it.</summary>
    public void HoldForBroken(CollectedContributions collected, Mesh mesh, ResourceSnapshot snapshot, CompilerOptions options)
    {
        collected.Untold.AddRange(Untold);
        foreach (var manifest in Broken)
        {
            collected.Hold(manifest, "it could not be loaded", PluginRun.Targets(manifest, mesh, MeshObjects.Own(manifest, snapshot, options), options));
        }
    }

    private static PluginLoad Load(PluginLoader loader, string folder, LoadedPlugin? known)
    {
        var load = loader.Load(folder, known);
        // Files that must not run take nothing from those that may: they were read into memory when they were verified.
        var mayKeep = known is not null && loader.Allows(known);
        return load.Plugin is null && mayKeep ? Kept(load, known!) : load with { MayKeep = mayKeep };
    }

    private static Diagnostic NothingLeft(LoadedPlugin before) => new(DiagnosticCodes.PluginNotLoaded, Severity.Error, PlacedContribution.PluginKey(before.Id), "",
        $"The operator's policy does not allow version {before.Manifest.Version} any longer, which was loaded before, so neither is in force", "Mend the files");

    /// <summary>The same with other plugins for some folders.</summary>
    public PluginSet With(IReadOnlyDictionary<string, PluginLoad> instead) => new([.. Loads.Select(load => instead.GetValueOrDefault(load.Folder, load))], Policy, _findings, _time);

    public static PluginLoad Kept(PluginLoad load, LoadedPlugin known)
    {
        var kept = new Diagnostic(DiagnosticCodes.LastGoodKept, Severity.Warning, PlacedContribution.PluginKey(known.Id), "",
            $"Version {known.Manifest.Version}, which was loaded before, stays in force", "Mend the files, or remove the folder to remove the plugin");
        return load with { Plugin = known, Findings = [.. load.Findings, kept] };
    }

    // Two folders with one id, or two ideas of one kind: the first folder counts.
    private static List<LoadedPlugin> Unique(IReadOnlyList<PluginLoad> loads, List<Diagnostic> diagnostics)
    {
        var plugins = new SortedDictionary<string, LoadedPlugin>(StringComparer.Ordinal);
        var kinds = new Dictionary<(string, string), (string Plugin, PluginKind Kind)>();
        foreach (var load in loads.Where(load => load.Plugin is not null).OrderBy(load => load.Folder, StringComparer.Ordinal))
        {
            var plugin = load.Plugin!;
            var place = new SourceLocation($"{Path.GetFileName(load.Folder)}/{PluginManifestReader.FileName}");
            var rival = plugin.Manifest.Resources.FirstOrDefault(kind => kinds.TryGetValue((kind.Group, kind.Kind), out var first) && (first.Kind with { Type = "" }) != (kind with { Type = "" }));
            if (plugins.ContainsKey(plugin.Id))
            {
                diagnostics.Add(new(DiagnosticCodes.PluginNotLoaded, Severity.Error, PlacedContribution.PluginKey(plugin.Id), "id",
                    "Another folder holds a plugin of this id", "Remove one of them", place));
            }
            else if (rival is not null)
            {
                diagnostics.Add(new(DiagnosticCodes.PluginNotLoaded, Severity.Error, PlacedContribution.PluginKey(plugin.Id), "resources",
                    $"Its {rival.Kind} of {rival.Group} is not the same as that of plugin {kinds[(rival.Group, rival.Kind)].Plugin}", "Let both have the same versions and schema, or remove one", place));
            }
            else
            {
                plugins.Add(plugin.Id, plugin);
                foreach (var kind in plugin.Manifest.Resources)
                {
                    kinds.TryAdd((kind.Group, kind.Kind), (plugin.Id, kind));
                }
            }
        }

        return [.. plugins.Values];
    }
}
