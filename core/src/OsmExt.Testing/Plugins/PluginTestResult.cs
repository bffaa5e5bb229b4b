namespace OsmExt.Testing.Plugins;

/// <summary>How one of a plugin's tests ended.</summary>
/// <param name="plugin">The plugin's folder.</param>
/// <param name="name">What was tested.</param>
/// <param name="failure">What is wrong, for people; null when nothing is.</param>
public sealed class PluginTestResult(string plugin, string name, string? failure)
{
    /// <summary>The name of the plugin's folder.</summary>
    public string Plugin { get; } = plugin;

    /// <summary>What was tested.</summary>
    public string Name { get; } = name;

    /// <summary>What is wrong, for people; null when nothing is.</summary>
    public string? Failure { get; } = failure;
}
