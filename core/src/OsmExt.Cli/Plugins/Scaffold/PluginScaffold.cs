using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using OsmExt.PluginHost;
using OsmExt.Testing.Cases;

namespace OsmExt.Cli.Plugins.Scaffold;

/// <summary>
/// Writes a new plugin: one of those that lie beside this file, under another name. What its case gives is written down as accepted,
/// from this very build, so it is never out of date.
/// </summary>
internal static partial class PluginScaffold
{
    private const string Id = "my-plugin";
    private const string Kind = "MyPlugin";
    private const string Templates = "scaffold/";
    private const string Code = "scaffold-code/";

    // What is no text of this repository's own, such as a project file that builds only where it is written.
    private const string Marked = ".txt";

    public static bool IsName(string name) => Name().IsMatch(name);

    /// <summary>The files, by their paths in the plugin's folder.</summary>
    /// <param name="name">The plugin's id.</param>
    /// <param name="withCode">Whether it has code; the code is built with the SDK that lies beside this program.</param>
    public static IReadOnlyDictionary<string, string> Files(string name, bool withCode)
    {
        var templates = Read(Templates, name);
        if (!withCode)
        {
            return templates;
        }

        var files = new SortedDictionary<string, string>(Read(Code, name), StringComparer.Ordinal);
        foreach (var (path, text) in templates.Where(file => file.Key.StartsWith("cases/", StringComparison.Ordinal)))
        {
            files[path] = text;
        }

        return files;
    }

    /// <summary>Writes them, and what the cases give.</summary>
    /// <returns>The paths written, sorted.</returns>
    /// <exception cref="IOException">They cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">They must not be written.</exception>
    public static IReadOnlyList<string> Write(string name, string folder, bool withCode)
    {
        var files = Files(name, withCode);
        Put(folder, files);
        var accepted = Accepted(name, folder, files.Keys, withCode);
        Put(folder, accepted);
        return [.. files.Keys.Concat(accepted.Keys).Order(StringComparer.Ordinal)];
    }

    // Nothing is built yet, but the plugin of templates only makes the same of the cases.
    private static Dictionary<string, string> Accepted(string name, string folder, IEnumerable<string> files, bool withCode)
    {
        var twin = withCode ? Directory.CreateTempSubdirectory("osm-plugin-new-").FullName : folder;
        try
        {
            if (withCode)
            {
                Put(twin, Files(name, withCode: false));
            }

            var plugins = PluginSet.Load(twin, null, TimeProvider.System);
            return files.Where(path => path.EndsWith($"/{TranslationCase.InputFile}", StringComparison.Ordinal))
                .Select(path => path[..^TranslationCase.InputFile.Length])
                .SelectMany(place => TranslationCase.Texts(Path.Combine(folder, place), plugins).Select(part => KeyValuePair.Create($"{place}{part.Key}.verified.yaml", part.Value)))
                .ToDictionary(StringComparer.Ordinal);
        }
        finally
        {
            if (withCode)
            {
                Directory.Delete(twin, recursive: true);
            }
        }
    }

    private static Dictionary<string, string> Read(string prefix, string name)
    {
        var kind = string.Concat(name.Split('-', StringSplitOptions.RemoveEmptyEntries).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        var assembly = typeof(PluginScaffold).Assembly;
        return assembly.GetManifestResourceNames().Where(resource => resource.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(
            resource => Named(resource[prefix.Length..].Replace('\\', '/')), resource => Named(Text(assembly, resource)), StringComparer.Ordinal);

        string Named(string text)
        {
            text = text.EndsWith(Marked, StringComparison.Ordinal) ? text[..^Marked.Length] : text;
            return text.Replace(Id, name, StringComparison.Ordinal).Replace(Kind, kind, StringComparison.Ordinal)
                .Replace("OSM-FOLDER", Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory), StringComparison.Ordinal);
        }
    }

    private static void Put(string folder, IReadOnlyDictionary<string, string> files)
    {
        foreach (var (path, text) in files)
        {
            Put(folder, path, text);
        }
    }

    private static void Put(string folder, string path, string text)
    {
        var target = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllText(target, text);
    }

    private static string Text(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    // A plugin's id, and short enough that the kind made from it is a name too.
    [GeneratedRegex(@"^[a-z]([a-z0-9-]{0,61}[a-z0-9])?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
