namespace OsmExt.Testing.Hosting;

/// <summary>What a <see cref="MeshHost"/> begins with.</summary>
public sealed record MeshHostOptions
{
    /// <summary>A directory of plugins, or one plugin's folder; null for none.</summary>
    public string? Plugins { get; init; }

    /// <summary>The operator's policy that grants what the plugins need; null for <c>policy.yaml</c> in the directory, if there is one.</summary>
    public string? PluginPolicy { get; init; }
}
