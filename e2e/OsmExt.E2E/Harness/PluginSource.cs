namespace OsmExt.E2E;

/// <summary>A plugin of this repository.</summary>
/// <param name="Name">Its folder's name.</param>
internal sealed record PluginSource(string Name)
{
    public static string Root => Path.Join(Checkout.Root, "plugins");

    /// <summary>A plugin of templates is its folder as it stands; one with code is what building it gives.</summary>
    public string Files => File.Exists(Path.Join(Root, Name, "plugin.yaml"))
        ? Path.Join(Root, Name)
        : AppContext.BaseDirectory.Replace("OsmExt.E2E", Name, StringComparison.Ordinal);

    /// <summary>What grants it the capabilities it needs; null for one that needs none.</summary>
    public string? Policy => Path.Join(Root, Name, "test", "policy.yaml") is var file && File.Exists(file) ? file : null;

    public string[] PolicyOption => Policy is { } file ? ["--plugin-policy", file] : [];

    /// <summary>Copies it into a directory of plugins; the manifest comes last, since a folder without one is no plugin yet.</summary>
    public void InstallInto(string directory)
    {
        var target = Path.Join(directory, Name);
        var files = Directory.EnumerateFiles(Files, "*", SearchOption.AllDirectories).OrderBy(file => Path.GetFileName(file) == "plugin.yaml");
        foreach (var file in files.Select(file => Path.GetRelativePath(Files, file)))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Join(target, file))!);
            File.Copy(Path.Join(Files, file), Path.Join(target, file));
        }
    }
}
