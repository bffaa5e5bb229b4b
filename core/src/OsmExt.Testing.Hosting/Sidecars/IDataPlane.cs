using Envoy.Config.Bootstrap.V3;
using OsmExt.Sdk.Identity;
using OsmExt.Testing.Hosting.Network;

namespace OsmExt.Testing.Hosting.Sidecars;

/// <summary>What sidecars of a mesh are. Disposed of when they have ended.</summary>
internal interface IDataPlane : IAsyncDisposable
{
    /// <summary>What it is, for people.</summary>
    string Description { get; }

    /// <summary>Whether its sidecars live by the mesh's clock, so that it can be put forward.</summary>
    bool FollowsClock { get; }

    /// <summary>Starts one, and waits until everything it has at first is in force.</summary>
    /// <exception cref="TimeoutException">Nothing came.</exception>
    Task<ISidecar> StartAsync(SidecarStart start);
}

/// <summary>A sidecar to be started.</summary>
/// <param name="Pod">Whose.</param>
/// <param name="Identity">Who it is.</param>
/// <param name="Bootstrap">What it begins with; its own to change.</param>
/// <param name="Folder">For its files.</param>
internal sealed record SidecarStart(NetworkPod Pod, ProxyIdentity Identity, Bootstrap Bootstrap, DirectoryInfo Folder)
{
    /// <summary>How long the first configuration may take.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    /// <summary>What is said when it took longer.</summary>
    public TimeoutException Late => new($"The sidecar of {Pod.Name} has not got its configuration within {Bound}.");
}
