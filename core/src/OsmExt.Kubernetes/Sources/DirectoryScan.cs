using OsmExt.Sdk.Collections;

namespace OsmExt.Kubernetes.Sources;

/// <summary>What one look at the watched paths finds.</summary>
/// <param name="Files">The manifest files, ordered by label; a file reached in several ways counts once.</param>
/// <param name="Gaps">What could not be looked at, so that nothing may be concluded from the absence of its files.</param>
internal sealed record DirectoryScan(EquatableArray<FileStamp> Files, EquatableArray<ScanGap> Gaps)
{
    /// <summary>Whether every watched path was there.</summary>
    public bool IsComplete => !Gaps.Any(gap => gap.IsRoot);

    /// <summary>Whether a file with that label may exist although the scan does not have it.</summary>
    public bool IsUncertain(string label) => Gaps.Any(gap => gap.Covers(label));
}

/// <summary>A directory, or a watched path, that could not be looked at.</summary>
/// <param name="Label">What its files' labels begin with; empty when that is all labels.</param>
/// <param name="Path">The path as the user knows it.</param>
/// <param name="Message">Why.</param>
/// <param name="IsRoot">Whether it is one of the watched paths itself.</param>
internal sealed record ScanGap(string Label, string Path, string Message, bool IsRoot)
{
    public bool Covers(string label)
        => Label.Length == 0 || (label.StartsWith(Label, StringComparison.Ordinal) && (label.Length == Label.Length || label[Label.Length] == '/'));
}
