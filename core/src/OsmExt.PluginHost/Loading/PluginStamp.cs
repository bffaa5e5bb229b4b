using System.Globalization;
using System.Text;

namespace OsmExt.PluginHost.Loading;

/// <summary>What a directory of plugins looks like from outside; another look that is equal means that nothing was changed in between.</summary>
internal sealed record PluginStamp(string Look)
{
    private const int MaxDepth = 10;

    public static PluginStamp None { get; } = new("");

    public static PluginStamp Of(string directory, string? policyFile)
    {
        var look = new StringBuilder();
        Add(new DirectoryInfo(directory), look, 0);
        if (policyFile is not null)
        {
            Add(new FileInfo(policyFile), look);
        }

        return new(look.ToString());
    }

    private static void Add(DirectoryInfo directory, StringBuilder look, int depth)
    {
        try
        {
            foreach (var entry in directory.EnumerateFileSystemInfos().Where(entry => !entry.Name.StartsWith('.')).OrderBy(entry => entry.Name, StringComparer.Ordinal))
            {
                var target = entry.ResolveLinkTarget(returnFinalTarget: true) ?? entry;
                look.Append(target.FullName).Append('\n');
                if (target is DirectoryInfo && depth < MaxDepth)
                {
                    Add(new DirectoryInfo(entry.FullName), look, depth + 1);
                }
                else if (target is FileInfo file)
                {
                    Add(file, look);
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            look.Append(failure.GetType().Name).Append('\n');
        }
    }

    private static void Add(FileInfo file, StringBuilder look)
        => look.Append(CultureInfo.InvariantCulture, $"{file.FullName} {(file.Exists ? file.Length : -1)} {(file.Exists ? file.LastWriteTimeUtc.Ticks : 0)}\n");
}
