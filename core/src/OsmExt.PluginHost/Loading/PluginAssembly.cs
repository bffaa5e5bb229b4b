using System.Reflection;
using OsmExt.Sdk.Plugins;
using ContextLoader = McMaster.NETCore.Plugins.PluginLoader;

namespace OsmExt.PluginHost.Loading;

/// <summary>
/// The code of a plugin in a load context of its own, which shares the SDK with the mesh and nothing else, and which is really
/// unloaded when it is disposed of and nothing of it runs any more. It is loaded from a private copy, so its folder may change.
/// </summary>
internal sealed class PluginAssembly : IDisposable
{
    private readonly string _copy;
    private readonly ContextLoader _loader;

    private PluginAssembly(string copy, ContextLoader loader, IPlugin plugin) => (_copy, _loader, Plugin) = (copy, loader, plugin);

    /// <summary>The plugin; null once it is disposed of.</summary>
    public IPlugin? Plugin { get; private set; }

    /// <summary>A type of its assembly; null when there is none of that name.</summary>
    public Type? Find(string name) => Plugin?.GetType().Assembly.GetType(name);

    /// <exception cref="InvalidOperationException">It cannot be loaded; the message says why.</exception>
    public static PluginAssembly Load(PluginFiles files, string assembly)
    {
        var copy = Directory.CreateTempSubdirectory("osm-plugin-").FullName;
        ContextLoader? loader = null;
        try
        {
            files.CopyTo(copy);
            loader = ContextLoader.CreateFromAssemblyFile(Path.Combine(copy, assembly), isUnloadable: true, sharedTypes: [typeof(IPlugin)]);
            return new(copy, loader, Create(loader.LoadDefaultAssembly()));
        }
        catch (Exception failure)
        {
            loader?.Dispose();
            Directory.Delete(copy, recursive: true);
            var cause = (failure as TargetInvocationException)?.InnerException ?? failure;
            throw new InvalidOperationException($"{assembly} cannot be loaded: {cause.Message}");
        }
    }

    public void Dispose()
    {
        Plugin = null;
        _loader.Dispose();
        try
        {
            Directory.Delete(_copy, recursive: true);
        }
        catch (IOException)
        {
            // It lies in the machine's temporary directory.
        }
    }

    private static IPlugin Create(Assembly assembly)
    {
        var types = assembly.GetExportedTypes().Where(type => type is { IsAbstract: false } && typeof(IPlugin).IsAssignableFrom(type)).ToArray();
        return types is [var only]
            ? (IPlugin)Activator.CreateInstance(only)!
            : throw new InvalidOperationException($"it has {types.Length} public classes that implement {nameof(IPlugin)}, and one is expected");
    }
}
