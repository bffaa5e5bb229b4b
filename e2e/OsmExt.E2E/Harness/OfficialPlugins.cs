using System.Globalization;

namespace OsmExt.E2E;

/// <summary>
/// A directory with every plugin of this repository. Each is a link to a folder elsewhere, so that another version takes its place in one step, as
/// in a mounted ConfigMap.
/// </summary>
internal sealed class OfficialPlugins
{
    private readonly string _versions = Directory.CreateTempSubdirectory("osm-e2e-versions-").FullName;
    private int _made;

    /// <summary>The folders' names.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateDirectories(PluginSource.Root, "OsmExt.Plugin.*").Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal);

    public string Folder { get; } = Directory.CreateTempSubdirectory("osm-e2e-plugins-").FullName;

    public async Task InstallAsync()
    {
        await File.WriteAllTextAsync(Path.Join(Folder, "policy.yaml"), """
            plugins:
              egress: {grants: [call-hosts]}
              envoy-patch: {grants: [raw-patch]}
              external-backend: {grants: [call-hosts, write-tls, read-secrets]}
              external-auth: {grants: [call-hosts]}
              ingress-contour: {grants: [accept-connections, write-tls, use-identity]}
              statistics: {grants: [write-bootstrap]}
              telemetry: {grants: [call-hosts]}
            """);
        foreach (var name in Names)
        {
            await ExchangeAsync(name);
        }
    }

    /// <summary>Puts another version of a plugin in the place of the one that is there.</summary>
    /// <param name="name">The folder's name.</param>
    /// <param name="changes">Texts of the new version's files that are others than in the tree.</param>
    /// <returns>The version that its manifest states.</returns>
    public async Task<string> ExchangeAsync(string name, params (string File, string Text, string Replacement)[] changes)
    {
        var made = Path.Join(_versions, (++_made).ToString(CultureInfo.InvariantCulture));
        new PluginSource(name).InstallInto(made);
        var (folder, version) = (Path.Join(made, name), $"0.1.{_made}");
        foreach (var (file, text, replacement) in changes.Append(("plugin.yaml", "version: 0.1.0", $"version: {version}")))
        {
            var before = await File.ReadAllTextAsync(Path.Join(folder, file));
            Assert.Contains(text, before, StringComparison.Ordinal);
            await File.WriteAllTextAsync(Path.Join(folder, file), before.Replace(text, replacement, StringComparison.Ordinal));
        }

        // A link renamed over the one that is there is one step. .NET refuses that where the link leads to a folder.
        var next = Path.Join(_versions, "next");
        Directory.CreateSymbolicLink(next, folder);
        var moved = await Shell.RunAsync("mv", ["-T", next, Path.Join(Folder, name)]);
        Assert.True(moved.ExitCode == 0, moved.ToString());
        return version;
    }

    public void Remove()
    {
        Directory.Delete(Folder, recursive: true);
        Directory.Delete(_versions, recursive: true);
    }
}
