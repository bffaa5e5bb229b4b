using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Kubernetes.Views;

/// <summary>The kinds that plugins read, as far as this mesh's plugins are known; compared by content.</summary>
internal sealed class PluginKinds : IEquatable<PluginKinds>
{
    private readonly EquatableArray<PluginKind> _kinds;

    private readonly bool _secrets;

    /// <param name="kinds">The kinds.</param>
    /// <param name="secrets">Whether any plugin may have Secrets, which are not read otherwise.</param>
    public PluginKinds(IEnumerable<PluginKind> kinds, bool secrets = false)
    {
        (_kinds, _secrets) = ([.. kinds], secrets);
        All = [.. _kinds.Select(PluginResourceView.KindOf), .. secrets ? [SecretView.Kind] : Array.Empty<ResourceKind>()];
    }

    public static PluginKinds None { get; } = new([]);

    public IReadOnlyList<ResourceKind> All { get; }

    /// <summary>The names of a group's kinds, sorted.</summary>
    public string[] InGroup(string group)
        => [.. All.Where(kind => string.Equals(kind.Group, group, StringComparison.Ordinal)).Select(kind => kind.Kind).Order(StringComparer.Ordinal)];

    public bool Equals(PluginKinds? other) => other is not null && _kinds == other._kinds && _secrets == other._secrets;

    public override bool Equals(object? obj) => Equals(obj as PluginKinds);

    public override int GetHashCode() => _kinds.GetHashCode();
}
