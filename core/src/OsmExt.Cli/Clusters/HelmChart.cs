using System.Reflection;

namespace OsmExt.Cli.Clusters;

/// <summary>The chart of the control plane: the one in this program, written to a folder of its own while helm reads it, or one that is given.</summary>
internal sealed class HelmChart : IDisposable
{
    private const string Prefix = "chart/";
    private readonly DirectoryInfo? _temporary;

    private HelmChart(string path, DirectoryInfo? temporary) => (Path, _temporary) = (path, temporary);

    /// <summary>Where it is: a folder or an archive.</summary>
    public string Path { get; }

    /// <summary>The files of this program's chart, with their paths in it.</summary>
    public static IReadOnlyList<(string Path, string Text)> Files { get; } = [.. Names().Select(name => (name[Prefix.Length..].Replace('\\', '/'), Read(name)))];

    /// <summary>Makes it ready for helm.</summary>
    /// <param name="given">A chart's folder or archive; null for this program's.</param>
    public static HelmChart Open(string? given)
    {
        if (given is not null)
        {
            return System.IO.Path.Exists(given) ? new(System.IO.Path.GetFullPath(given), null)
                : throw new CommandException($"there is no chart {given}; --osm-chart-path names a chart's folder or archive, without it the program's own chart is taken", ExitCode.UnusableInput);
        }

        var folder = Directory.CreateTempSubdirectory("osm-chart-");
        foreach (var (path, text) in Files)
        {
            var target = System.IO.Path.Join(folder.FullName, "osm", path);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.WriteAllText(target, text);
        }

        return new(System.IO.Path.Join(folder.FullName, "osm"), folder);
    }

    /// <inheritdoc/>
    public void Dispose() => _temporary?.Delete(recursive: true);

    private static IEnumerable<string> Names()
        => Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static string Read(string name)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
