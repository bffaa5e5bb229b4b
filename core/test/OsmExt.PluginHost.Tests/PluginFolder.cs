using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
using OsmExt.Compiler.Translation;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Tests;

/// <summary>A directory of plugins that a test writes.</summary>
internal sealed class PluginFolder : IDisposable
{
    public const string Manifest = """
        id: lua
        version: 1.0.0
        sdk: ">=0.1 <0.2"
        envoy: ">=1.36"
        failure: open
        resources:
        - {group: test.osmext.io, kind: Script, versions: [v1], schema: schema.yaml}
        contributions:
        - {name: code, point: http-filter, direction: inbound, for: Script, template: lua.scriban}
        """;

    public const string Schema = """
        type: object
        properties:
          code: {type: string, default: "-- nothing"}
          optional: {type: string}
          many: {type: array, items: {type: string}}
        """;

    public const string Template = """
        "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
        default_source_code: {inline_string: {{ spec.code }}}
        """;

    public string Root { get; } = Directory.CreateTempSubdirectory("osm-plugins-").FullName;

    /// <summary>Writes a plugin of templates; what is not given is a working one.</summary>
    public PluginFolder Write(string name = "lua", string manifest = Manifest, string template = Template, string schema = Schema)
    {
        Directory.CreateDirectory(Path.Combine(Root, name));
        File.WriteAllText(Path.Combine(Root, name, "plugin.yaml"), manifest);
        File.WriteAllText(Path.Combine(Root, name, "lua.scriban"), template);
        File.WriteAllText(Path.Combine(Root, name, "schema.yaml"), schema);
        return this;
    }

    /// <summary>Copies the plugin with code.</summary>
    public PluginFolder WriteCode(Func<string, string>? manifest = null)
    {
        var built = AppContext.BaseDirectory.Replace("OsmExt.PluginHost.Tests", "OsmExt.PluginHost.TestPlugin", StringComparison.Ordinal);
        var target = Path.Combine(Root, "behaviour");
        foreach (var file in Directory.EnumerateFiles(built, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(built, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }

        var path = Path.Combine(target, "plugin.yaml");
        File.WriteAllText(path, (manifest ?? (text => text))(File.ReadAllText(path)));
        return this;
    }

    public PluginFolder Policy(string text)
    {
        File.WriteAllText(Path.Combine(Root, "policy.yaml"), text);
        return this;
    }

    public PluginSet Load(PluginSet? before = null, TimeProvider? time = null) => PluginSet.Load(Root, null, time ?? TimeProvider.System, before);

    /// <summary>What the plugins contribute to a mesh with these objects and nothing else.</summary>
    public static IMeshContributions Contribute(PluginSet set, string objects)
    {
        var file = ManifestReader.Read(objects, "in.yaml", new PluginKinds(set.Kinds));
        Assert.Empty(file.Diagnostics);
        var web = new MeshService(new("shop", "web"), 80, 8080, AppProtocol.Http);
        return set.Contribute(new(new MeshSettings("cluster.local")) { Services = [web] }, ResourceSnapshot.Of(file.Resources), new CompilerOptions());
    }

    /// <summary>Proxies of a service account.</summary>
    public static ProxyScope Scope(string ns = "shop", string account = "web", string envoy = Capabilities.NewestEnvoy)
        => new(new WorkloadIdentity("cluster.local", ns, account), [new(ns, account)], Capabilities.OfRelease(envoy));

    /// <summary>An object of the plugin of templates.</summary>
    public static string Script(string name, string spec, string ns = "shop")
        => $$"""
            ---
            apiVersion: test.osmext.io/v1
            kind: Script
            metadata: {name: {{name}}, namespace: {{ns}}}
            spec: {{spec}}

            """;

    /// <summary>An object of the plugin with code.</summary>
    public static string Behaviour(string name, string what, string ns = "shop")
        => Script(name, $"{{what: \"{what}\"}}", ns).Replace("kind: Script", "kind: Behaviour", StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
