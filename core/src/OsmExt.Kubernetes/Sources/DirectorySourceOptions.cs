using OsmExt.Kubernetes.Views;

namespace OsmExt.Kubernetes.Sources;

/// <summary>What a <see cref="DirectorySource"/> watches, and how patient it is.</summary>
internal sealed record DirectorySourceOptions
{
    /// <summary>Directory trees, or single files.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>How often everything is looked at anew. File events only make changes known earlier.</summary>
    public TimeSpan Rescan { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long nothing may be written before files are read.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>The longest wait for quiet; a tree that is never quiet is read after it.</summary>
    public TimeSpan MaxQuiet { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a file rewritten in place must lack an object before its removal is believed.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Larger files are not read.</summary>
    public long MaxFileBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>The kinds that plugins bring, as they are at the moment; files are read again when they change.</summary>
    public Func<PluginKinds> Kinds { get; init; } = static () => PluginKinds.None;

    /// <summary>Whether file events are used at all.</summary>
    public bool UseFileEvents { get; init; } = true;
}
