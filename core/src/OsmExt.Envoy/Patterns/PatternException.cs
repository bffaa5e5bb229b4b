namespace OsmExt.Envoy.Patterns;

/// <summary>Ends the reading of a pattern that cannot be read on; never leaves <see cref="Re2"/>.</summary>
internal sealed class PatternException(int position, string message) : Exception(message)
{
    public int Position { get; } = position;
}
