namespace OsmExt.DataPlane;

/// <summary>A bootstrap that cannot be used.</summary>
/// <param name="problems">Everything that is wrong with it.</param>
internal sealed class BootstrapException(IReadOnlyList<string> problems) : Exception($"the bootstrap cannot be used: {string.Join("; ", problems)}")
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
