using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Http.Lua.V3;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using Connection = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>A directory of plugins that put scripts into inbound HTTP; each plugin has a kind of its own, called like it.</summary>
internal sealed class ScriptPlugins : IDisposable
{
    public const string LuaType = "envoy.extensions.filters.http.lua.v3.Lua";

    public string Root { get; } = Directory.CreateTempSubdirectory("osm-plugins-").FullName;

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>Writes a plugin.</summary>
    public ScriptPlugins Write(string id, string failure = "open", string code = "spec.code", string capabilities = "", string? template = null)
    {
        var (folder, unfinished) = (Path.Combine(Root, id), Path.Combine(Root, $".{id}"));
        Directory.CreateDirectory(unfinished);
        File.WriteAllText(Path.Combine(unfinished, "plugin.yaml"), $$"""
            id: {{id}}
            version: 1.0.0
            sdk: ">=0.1 <0.2"
            envoy: ">=1.36"
            failure: {{failure}}
            capabilities: [{{capabilities}}]
            resources:
            - {group: test.osmext.io, kind: {{KindOf(id)}}, versions: [v1], schema: schema.yaml}
            contributions:
            - {name: code, point: http-filter, direction: inbound, merge: append, for: {{KindOf(id)}}, template: lua.scriban}
            """);
        File.WriteAllText(Path.Combine(unfinished, "schema.yaml"), "type: object\nproperties:\n  code: {type: string, default: good}\n");
        File.WriteAllText(Path.Combine(unfinished, "lua.scriban"), template ?? $"\"@type\": type.googleapis.com/{LuaType}\ndefault_source_code: {{inline_string: {{{{ {code} }}}}}}\n");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.Move(unfinished, folder);
        return this;
    }

    /// <summary>Copies the plugin that does whatever its objects say.</summary>
    public ScriptPlugins WriteBehaviour()
    {
        var built = AppContext.BaseDirectory.Replace("OsmExt.ControlPlane.Tests", "OsmExt.PluginHost.TestPlugin", StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(built, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(Root, "behaviour", Path.GetRelativePath(built, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return this;
    }

    /// <summary>An object of the plugin's kind, for the store.</summary>
    public static string Object(string id, string name, string code) => $$"""
        ---
        apiVersion: test.osmext.io/v1
        kind: {{KindOf(id)}}
        metadata: {name: {{name}}, namespace: shop}
        spec: {targetRef: {kind: Service, name: store}, code: "{{code}}"}

        """;

    /// <summary>The scripts of a proxy's inbound HTTP, as <c>PLUGIN.SLOT.NAMESPACE.NAME=CODE</c>.</summary>
    public static string[] Of(TestProxy proxy) => Of((Listener?)proxy.Find(TypeUrls.Listener, "inbound-listener")?.Message);

    public static string[] Of(Listener? listener)
        => [.. (listener?.FilterChains.SelectMany(chain => chain.Filters).Select(filter => EnvoyTypes.Unpack(filter.TypedConfig)).OfType<Connection>() ?? [])
            .SelectMany(connection => connection.HttpFilters).Where(filter => filter.TypedConfig.TypeUrl.EndsWith(LuaType, StringComparison.Ordinal))
            .Select(filter => $"{filter.Name}={((Lua)EnvoyTypes.Unpack(filter.TypedConfig)!).DefaultSourceCode.InlineString}")];

    /// <summary>What a release build of Envoy says about itself.</summary>
    public static Node Node()
    {
        var extensions = new Extension { Name = "all" };
        extensions.TypeUrls.AddRange(Capabilities.OfRelease(Capabilities.NewestEnvoy).TypeUrls);
        return new() { UserAgentBuildVersion = new() { Version = new() { MajorNumber = 1, MinorNumber = 40 } }, Extensions = { extensions } };
    }

    private static string KindOf(string id) => $"{char.ToUpperInvariant(id[0])}{id[1..]}";
}
