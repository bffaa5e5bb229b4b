using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Kubernetes.Views;

/// <summary>The kinds that plugins read, as far as this mesh's plugins are known; compared by content.</summary>
internal sealed class PluginKinds : IEquatable<PluginKinds>
{
    private readonly EquatableArray<PluginKind> _kinds;

    public PluginKinds(IEnumerable<PluginKind> kinds)
    {
        _kinds = [.. kinds];
        All = [.. _kinds.Select(PluginResourceView.KindOf)];
    }

    public static PluginKinds None { get; } = new([]);

    public IReadOnlyList<ResourceKind> All { get; }

    /// <summary>The names of a group's kinds, sorted.</summary>
    public string[] InGroup(string group)
        => [.. All.Where(kind => string.Equals(kind.Group, group, StringComparison.Ordinal)).Select(kind => kind.Kind).Order(StringComparer.Ordinal)];

    public bool Equals(PluginKinds? other) => other is not null && _kinds == other._kinds;

    public override bool Equals(object? obj) => Equals(obj as PluginKinds);

    public override int GetHashCode() => _kinds.GetHashCode();
}
