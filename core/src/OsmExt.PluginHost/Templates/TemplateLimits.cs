namespace OsmExt.PluginHost.Templates;

/// <summary>What one rendering of a template may spend.</summary>
internal sealed record TemplateLimits
{
    /// <summary>Turns of all loops together.</summary>
    public int Loops { get; init; } = 10_000;

    /// <summary>How deep functions may call each other.</summary>
    public int Recursion { get; init; } = 32;

    /// <summary>Characters of output.</summary>
    public int Output { get; init; } = 256 * 1024;

    /// <summary>Bytes that may be allocated, whether or not they are kept.</summary>
    public long Allocated { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long it may work.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(2);
}
