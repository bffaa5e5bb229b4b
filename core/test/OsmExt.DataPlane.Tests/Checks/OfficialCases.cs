using System.Runtime.CompilerServices;
using OsmExt.Compiler;
using OsmExt.DataPlane.Discovery;
using OsmExt.Envoy;
using OsmExt.PluginHost;
using OsmExt.Sdk.Ir;
using OsmExt.Testing.Cases;
using EnvoyCapabilities = OsmExt.Compiler.Translation.Capabilities;

namespace OsmExt.DataPlane.Tests.Checks;

/// <summary>Every case there is of what manifests mean, the compiler's and the official plugins'.</summary>
internal static class OfficialCases
{
    /// <summary>What the embedded data plane says it can do.</summary>
    public static ProxyCapabilities Embedded { get; } = new(NodeIdentity.EnvoyVersion, Capabilities.Extensions.Keys) { Incremental = true };

    /// <summary>Their folders, from the root of the repository.</summary>
    public static IReadOnlyList<string> Folders { get; } =
    [
        .. new[] { "core/test/OsmExt.Compiler.Tests" }
            .Concat(Directory.GetDirectories(Path.Combine(Root(), "plugins")).Select(plugin => $"plugins/{Path.GetFileName(plugin)}/test"))
            .Select(folder => Path.Combine(Root(), folder, "cases")).Where(Directory.Exists)
            .SelectMany(Directory.GetDirectories).Select(folder => Path.GetRelativePath(Root(), folder).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];

    /// <summary>What a case means for each pod, as the wire would bring it.</summary>
    public static IReadOnlyList<(string Pod, IReadOnlyList<XdsResource> Resources)> Translate(string folder, ProxyCapabilities capabilities)
    {
        var path = Path.Combine(Root(), folder);
        var plugin = folder.StartsWith("plugins/", StringComparison.Ordinal) ? Path.GetFullPath(Path.Combine(path, "../../..")) : null;
        var plugins = plugin is null ? PluginSet.Empty : Load(plugin);
        var mesh = OfflineMesh.Compile(TranslationCase.Read(Path.Combine(path, TranslationCase.InputFile), plugins), new(), plugins.Contribute);
        return [.. mesh.Proxies.All.Select(proxy => (proxy.Pod.ToString(), (IReadOnlyList<XdsResource>)[.. mesh.Translate(proxy, capabilities).Resources]))];
    }

    /// <summary>The extensions a case uses with an Envoy, and not with the embedded data plane, which does not offer them.</summary>
    public static IEnumerable<string> LeftOut(string folder)
    {
        var envoy = EnvoyCapabilities.OfRelease(EnvoyCapabilities.NewestEnvoy, incremental: true);
        return Used(Translate(folder, envoy)).Except(Used(Translate(folder, Embedded)), StringComparer.Ordinal).Order(StringComparer.Ordinal);
    }

    // A plugin of templates is its folder as it stands; one with code is what building it gives.
    private static PluginSet Load(string plugin)
    {
        var files = File.Exists(Path.Combine(plugin, "plugin.yaml")) ? plugin
            : AppContext.BaseDirectory.Replace("OsmExt.DataPlane.Tests", Path.GetFileName(plugin), StringComparison.Ordinal);
        var set = PluginSet.Load(files, Path.Combine(plugin, "test", "policy.yaml") is var policy && File.Exists(policy) ? policy : null, TimeProvider.System);
        Assert.NotEmpty(set.Plugins);
        return set;
    }

    private static IEnumerable<string> Used(IEnumerable<(string Pod, IReadOnlyList<XdsResource> Resources)> proxies)
        => proxies.SelectMany(proxy => proxy.Resources).SelectMany(resource => TypeUrlUse.In(resource.Message)).Distinct(StringComparer.Ordinal);

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../.."));
}
