using System.CommandLine;
using System.Security.Cryptography;
using OsmExt.Cli.Commands;
using OsmExt.PluginHost.Loading;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Cli.Plugins;

/// <summary>A folder that is one plugin, for commands that make something of its files.</summary>
internal static class OnePlugin
{
    /// <summary>The plugin and its files; null after saying what is wrong.</summary>
    public static (LoadedPlugin Plugin, PluginFiles Files)? Load(MeshOptions mesh, ParseResult parsed, string folder)
    {
        var set = mesh.LoadPlugins(parsed, folder);
        if (set.Loads is [{ Plugin: { } plugin }] && PluginDirectory.Folders(folder) is [var only] && only == folder)
        {
            return (plugin, PluginFiles.Read(folder));
        }

        foreach (var finding in set.Diagnostics.Where(finding => finding.Severity == Severity.Error))
        {
            Console.Out.WriteLine(finding);
        }

        Console.Error.WriteLine($"osm: {folder} is no plugin that can be used; osm plugin validate says why");
        return null;
    }

    /// <summary>The signature of a digest; null after saying what is wrong with the key, and nothing of what is in it.</summary>
    public static string? Sign(string keyFile, string digest)
    {
        try
        {
            return PluginSignature.Sign(File.ReadAllText(keyFile), digest);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            Console.Error.WriteLine($"osm: {keyFile} cannot be used: {failure.Message.TrimEnd('.')}");
            return null;
        }
    }
}
