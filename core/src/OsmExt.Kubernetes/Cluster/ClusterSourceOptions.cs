using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>What a <see cref="ClusterSource"/> reads.</summary>
internal sealed record ClusterSourceOptions
{
    /// <summary>The kinds that plugins bring, as they are at the moment.</summary>
    public Func<PluginKinds> Kinds { get; init; } = static () => PluginKinds.None;

    /// <summary>The Secrets that are asked for at the moment. No others are read.</summary>
    public Func<IReadOnlyCollection<ResourceKey>> Secrets { get; init; } = static () => [];

    /// <summary>How often to look whether <see cref="Kinds"/> and <see cref="Secrets"/> say something else. It costs the server nothing.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often to look for kinds that are not there, where definitions may not be watched.</summary>
    public TimeSpan LookForKinds { get; init; } = TimeSpan.FromMinutes(1);

    public ReflectorOptions Reflectors { get; init; } = new();
}
