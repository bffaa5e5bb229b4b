using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using OsmExt.PluginHost;
using OsmExt.Testing.Cases;

namespace OsmExt.Cli.Plugins.Scaffold;

/// <summary>
/// Writes a new plugin: the one that lies beside this file, under another name. What its case gives is written down as accepted,
/// from this very build, so it is never out of date.
/// </summary>
internal static partial class PluginScaffold
{
    private const string Id = "my-plugin";
    private const string Kind = "MyPlugin";
    private const string Prefix = "scaffold/";

    public static bool IsName(string name) => Name().IsMatch(name);

    /// <summary>The files, by their paths in the plugin's folder.</summary>
    /// <param name="name">The plugin's id.</param>
    public static IReadOnlyDictionary<string, string> Files(string name)
    {
        var kind = string.Concat(name.Split('-', StringSplitOptions.RemoveEmptyEntries).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        var assembly = typeof(PluginScaffold).Assembly;
        return assembly.GetManifestResourceNames().Where(resource => resource.StartsWith(Prefix, StringComparison.Ordinal)).ToDictionary(
            resource => resource[Prefix.Length..].Replace('\\', '/'),
            resource => Text(assembly, resource).Replace(Id, name, StringComparison.Ordinal).Replace(Kind, kind, StringComparison.Ordinal),
            StringComparer.Ordinal);
    }

    /// <summary>Writes them, and what the cases give.</summary>
    /// <returns>The paths written, sorted.</returns>
    /// <exception cref="IOException">They cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">They must not be written.</exception>
    public static IReadOnlyList<string> Write(string name, string folder)
    {
        var files = Files(name);
        foreach (var (path, text) in files)
        {
            Put(folder, path, text);
        }

        var written = files.Keys.ToList();
        var plugins = PluginSet.Load(folder, null, TimeProvider.System);
        foreach (var path in files.Keys.Where(path => path.EndsWith($"/{TranslationCase.InputFile}", StringComparison.Ordinal)))
        {
            var place = path[..^TranslationCase.InputFile.Length];
            foreach (var (part, text) in TranslationCase.Texts(Path.Combine(folder, place), plugins))
            {
                Put(folder, $"{place}{part}.verified.yaml", text);
                written.Add($"{place}{part}.verified.yaml");
            }
        }

        return [.. written.Order(StringComparer.Ordinal)];
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
