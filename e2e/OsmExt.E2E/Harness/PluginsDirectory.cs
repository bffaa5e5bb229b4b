using OsmExt.Tests.Shared;

namespace OsmExt.E2E;

/// <summary>A directory of plugins that a mesh runs with.</summary>
internal sealed class PluginsDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("osm-e2e-plugins-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>Puts a plugin of this repository there, in a folder of its name.</summary>
    public PluginsDirectory Install(PluginSource plugin)
    {
        plugin.InstallInto(Path);
        return this;
    }

    /// <summary>Puts the plugin there that does whatever its objects say.</summary>
    public PluginsDirectory InstallBehaviour()
    {
        var built = AppContext.BaseDirectory.Replace("OsmExt.E2E", "OsmExt.PluginHost.TestPlugin", StringComparison.Ordinal);
        DirectoryCopy.Of(built, System.IO.Path.Join(Path, "behaviour"));
        return this;
    }

    public PluginsDirectory Write(string file, string text)
    {
        var target = System.IO.Path.Join(Path, file);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
        File.WriteAllText(target, text);
        return this;
    }
}
