namespace OsmExt.Sdk.Resources;

/// <summary>Where something was read: a file, and a place in it counted from 1.</summary>
/// <param name="File">Path relative to the directory that is read, with forward slashes.</param>
/// <param name="Line">Line, from 1; 0 when the whole file is meant.</param>
/// <param name="Column">Column, from 1; 0 when the whole line is meant.</param>
public sealed record SourceLocation(string File, long Line = 0, long Column = 0)
{
    /// <summary><c>FILE:LINE:COLUMN</c>, without what is 0.</summary>
    public override string ToString() => Line == 0 ? File : Column == 0 ? $"{File}:{Line}" : $"{File}:{Line}:{Column}";
}
