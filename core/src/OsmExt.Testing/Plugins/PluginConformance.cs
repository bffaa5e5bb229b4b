using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Text.Json.Nodes;
using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
using OsmExt.PluginHost;
using OsmExt.PluginHost.Loading;
using OsmExt.PluginHost.Running;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.Cases;

namespace OsmExt.Testing.Plugins;

/// <summary>What every plugin must keep to. Each test answers what is wrong, or null.</summary>
/// <param name="set">The plugin.</param>
/// <param name="reload">Loads it once more.</param>
/// <param name="inputs">The manifests it is tried with.</param>
internal sealed class PluginConformance(PluginSet set, Func<PluginSet> reload, IReadOnlyList<string> inputs)
{
    public const int Copies = 200;
    private const string CopyMark = "-copy-";
    private readonly IReadOnlyList<(string Case, ResourceSnapshot Snapshot)> _meshes =
        [.. inputs.Select(input => (Path.GetFileName(Path.GetDirectoryName(input)!), TranslationCase.Read(input, set)))];

    /// <summary>Asked again, and loaded anew, it says the same.</summary>
    public string? Repeats()
    {
        var fresh = reload();
        try
        {
            return _meshes.Select(mesh => (mesh.Case, First: Text(mesh.Snapshot, set)) is var (name, first)
                    && (first != Text(mesh.Snapshot, set) || first != Text(mesh.Snapshot, fresh))
                        ? $"Case {name} gives another result when it is translated again; a plugin may depend on nothing but its input" : null)
                .FirstOrDefault(problem => problem is not null);
        }
        finally
        {
            fresh.DisposeExcept(PluginSet.Empty);
        }
    }

    /// <summary>Manifests in the opposite order, and objects handed to code in the opposite order, give the same.</summary>
    public string? IgnoresOrder()
    {
        foreach (var (input, (name, snapshot)) in inputs.Zip(_meshes))
        {
            if (Text(snapshot, set) != Text(Manifest.ReadReversed(input, set), set))
            {
                return $"Case {name} gives another result when the objects of in.yaml stand in the opposite order";
            }

            foreach (var plugin in set.Plugins.Where(plugin => plugin.Code is not null))
            {
                var given = new KindVersions(plugin, TimeProvider.System).InFirst(
                    MeshObjects.InputOf(plugin.Manifest, OfflineMesh.Compile(snapshot, new()).Mesh, snapshot, new(), static _ => { }), static (_, _) => { }) with { Published = plugin.Services.Published };
                var answers = new[] { given, given with { Resources = [.. given.Resources.Reverse()], Objects = [.. given.Objects.Reverse()] } }
                    .Select(order => GuardedCall.Run(plugin.Code!.Plugin!, token => order with { Cancellation = token }, TimeProvider.System)).ToArray();
                if (answers.Select(answer => answer.Failure).FirstOrDefault(failure => failure is not null) is { } failure)
                {
                    return $"With case {name} the code of {plugin.Id} failed: {failure}";
                }

                if (!answers[0].Output!.Contributions.ToHashSet().SetEquals(answers[1].Output!.Contributions) || !answers[0].Output!.Certificates.ToHashSet().SetEquals(answers[1].Output!.Certificates))
                {
                    return $"With case {name} the code of {plugin.Id} contributes something else when its objects come in the opposite order";
                }
            }
        }

        return null;
    }

    /// <inheritdoc cref="SchemaRoundTrip"/>
    public string? KeepsToItsSchema() => set.Kinds.Select(kind => new SchemaRoundTrip(set, kind).Problem(
        [.. _meshes.SelectMany(mesh => mesh.Snapshot.All<PluginResource>()).Where(resource => resource.KindName == kind.Kind && resource.Group == kind.Group)]))
        .FirstOrDefault(problem => problem is not null);

    /// <inheritdoc cref="ConversionRoundTrip"/>
    public string? Converts() => set.Plugins.SelectMany(plugin => plugin.Manifest.Resources.Select(kind => new ConversionRoundTrip(plugin, kind).Problem(
        [.. _meshes.SelectMany(mesh => mesh.Snapshot.All<PluginResource>()).Where(resource => resource.KindName == kind.Kind && resource.Group == kind.Group)])))
        .FirstOrDefault(problem => problem is not null);

    /// <summary>Each slot changes what some proxy of some case is sent; but for those that wait for a filter chain of another plugin.</summary>
    public string? PlacesEverything()
    {
        var idle = set.Plugins.SelectMany(plugin => plugin.Manifest.Slots.Where(slot => slot.Direction != Direction.Ingress).Select(slot => (Plugin: plugin.Id, Slot: slot.Name)))
            .Where(entry => _meshes.All(mesh => JsonNode.DeepEquals(Proxies(mesh.Snapshot, set.Contribute),
                Proxies(mesh.Snapshot, (policy, snapshot, options) => new WithoutSlot(set.Contribute(policy, snapshot, options), entry.Plugin, entry.Slot)))))
            .Select(entry => entry.Slot).ToArray();
        return idle.Length == 0 ? null
            : $"In no case does any proxy get what these contribute: {string.Join(", ", idle)}. Add a case that needs them, or remove them from plugin.yaml";
    }

    /// <summary>Many more objects do not make it fail.</summary>
    public string? StaysInLimits()
    {
        foreach (var (name, snapshot) in _meshes)
        {
            var copies = snapshot.All<PluginResource>().SelectMany(resource => Enumerable.Range(1, Copies)
                .Select(number => (Resource)(resource with { Metadata = resource.Metadata with { Name = $"{resource.Metadata.Name}{CopyMark}{number}" } })));
            var known = Failures(snapshot).Select(Key).ToHashSet();
            if (Failures(ResourceSnapshot.Of(snapshot.AllObjects().Concat(copies))).FirstOrDefault(finding => !known.Contains(Key(finding))) is { } failure)
            {
                return $"With {Copies} copies of each object of case {name}: {failure}";
            }
        }

        return null;

        static (string, ResourceKey?) Key(Diagnostic finding)
            => (finding.Code, finding.Object is { } key ? key with { Name = key.Name.Split(CopyMark)[0] } : null);
    }

    /// <summary>Its code leaves memory once it is not used any more.</summary>
    public string? Unloads()
    {
        var contexts = UseAndDispose();
        for (var round = 0; round < 30 && contexts.Any(context => context.IsAlive); round++)
        {
            Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System).GetAwaiter().GetResult();
            SerializerCache.Evict();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return contexts.Any(context => context.IsAlive)
            ? "Its code stays in memory after it was unloaded: something outside keeps hold of it, such as a thread it started, a timer or an event it subscribed to" : null;
    }

    // Not inlined, so that no local of it lives on.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference[] UseAndDispose()
    {
        var fresh = reload();
        foreach (var (_, snapshot) in _meshes)
        {
            _ = Text(snapshot, fresh);
        }

        WeakReference[] contexts = [.. fresh.Plugins.Where(plugin => plugin.Code is not null)
            .Select(plugin => new WeakReference(AssemblyLoadContext.GetLoadContext(plugin.Code!.Plugin!.GetType().Assembly)))];
        fresh.DisposeExcept(PluginSet.Empty);
        return contexts;
    }

    private IEnumerable<Diagnostic> Failures(ResourceSnapshot snapshot)
    {
        var mesh = OfflineMesh.Compile(snapshot, new(), set.Contribute);
        return mesh.Diagnostics.Concat(mesh.Proxies.All.SelectMany(proxy => mesh.Translate(proxy).Diagnostics))
            .Where(finding => finding.Code is DiagnosticCodes.PluginFailed or DiagnosticCodes.ContributionRefused or DiagnosticCodes.ConfigurationHeld);
    }

    private static JsonNode? Proxies(ResourceSnapshot snapshot, Func<Sdk.Ir.Mesh, ResourceSnapshot, CompilerOptions, IMeshContributions> plugins)
    {
        var mesh = OfflineMesh.Compile(snapshot, new(), plugins);
        return MeshDocument.Of(mesh, mesh.Proxies.All)["proxies"];
    }

    // Where an object stands in its file may differ; what is said of it may not.
    private static string Text(ResourceSnapshot snapshot, PluginSet plugins)
    {
        var document = TranslationCase.Translate(snapshot, plugins);
        var findings = document["diagnostics"]!.AsArray().Select(finding => finding!.AsObject()).ToArray();
        foreach (var finding in findings)
        {
            finding.Remove("file");
            finding.Remove("line");
        }

        return string.Join('\n', findings.Select(finding => finding.ToJsonString()).Order(StringComparer.Ordinal).Append(document["proxies"]!.ToJsonString()));
    }
}
