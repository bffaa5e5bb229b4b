using OsmExt.Interception;
using OsmExt.LocalRuntime.Envoy;
using OsmExt.LocalRuntime.Network;
using OsmExt.Sdk.Collections;

namespace OsmExt.LocalRuntime;

/// <summary>What a mesh on this machine is made of, besides its pods and services.</summary>
internal sealed record LocalMeshOptions
{
    /// <summary>Default of <see cref="NodeAddress"/>.</summary>
    public const string DefaultNodeAddress = "169.254.77.1";

    /// <summary>Default of <see cref="NodeAddressV6"/>.</summary>
    public const string DefaultNodeAddressV6 = "fd6f:736d:6578:7400::1";

    /// <summary>Prefix of everything the mesh creates: a DNS label of at most 30 characters, unique on the machine.</summary>
    public required string Name { get; init; }

    /// <summary>Where the mesh keeps its state and the pods' files. Other users must be able to pass through, not to write.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Where log files go: <c>control-plane.out.log</c>, <c>NAMESPACE.POD/CONTAINER.out.log</c>, each also as <c>.err.log</c>.</summary>
    public required string LogDirectory { get; init; }

    /// <summary>Where images are: the program of image <c>registry/any/NAME:tag</c> is <c>NAME/NAME</c> below it.</summary>
    public required string ImagesDirectory { get; init; }

    /// <summary>What to run as the control plane, inside the node's network; null for none.</summary>
    public ControlPlaneCommand? ControlPlane { get; init; }

    /// <summary>Writes what a sidecar starts from.</summary>
    public required Func<ProxyBootstrapRequest, CancellationToken, Task<string>> WriteBootstrap { get; init; }

    /// <summary>Path of the Envoy pods run that do not choose one; empty when no pod is meshed.</summary>
    public string EnvoyPath { get; init; } = "";

    /// <summary>What pods run as a sidecar that do not choose an Envoy, instead of <see cref="EnvoyPath"/>; null for an Envoy.</summary>
    public EmbeddedSidecar? Embedded { get; init; }

    /// <summary>Loopback addresses for the pods, in place of network namespaces; null for namespaces. Only with <see cref="Embedded"/>.</summary>
    public LoopbackBlock? Loopback { get; init; }

    /// <summary>Finds the Envoy of a version a pod chooses.</summary>
    public Func<string, CancellationToken, Task<EnvoySearchResult>> FindEnvoy { get; init; }
        = (version, cancellation) => EnvoyBinary.FindAsync(EnvoySearchOptions.OfThisMachine(version), cancellation);

    /// <summary>Envoy's own log level.</summary>
    public string EnvoyLogLevel { get; init; } = "warning";

    /// <summary>What goes around every sidecar; pods add to it by annotations.</summary>
    public InterceptionOptions Interception { get; init; } = InterceptionOptions.Everything;

    /// <summary>Whether sidecars reach their applications at the pod's address instead of on loopback (proxy mode <c>PodIP</c>). Default false.</summary>
    public bool ReachByPodAddress { get; init; }

    /// <summary>The node's address: pods' gateway, and where they reach the control plane.</summary>
    public string NodeAddress { get; init; } = DefaultNodeAddress;

    /// <summary>The node's IPv6 address.</summary>
    public string NodeAddressV6 { get; init; } = DefaultNodeAddressV6;

    /// <summary>How long a process may take to end before it is killed. Default 3 seconds.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(3);
}

/// <summary>The control plane's program.</summary>
/// <param name="Executable">Absolute path.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record ControlPlaneCommand(string Executable, EquatableArray<string> Arguments)
{
    /// <summary>Environment variables besides the usual ones.</summary>
    public LabelSet Environment { get; init; } = LabelSet.Empty;
}

/// <summary>The program that is the embedded data plane.</summary>
/// <param name="Executable">Absolute path.</param>
/// <param name="Arguments">What comes before the bootstrap's option.</param>
internal sealed record EmbeddedSidecar(string Executable, EquatableArray<string> Arguments);

/// <summary>Asks for a sidecar's bootstrap file.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Directory">
/// Where to put it and what it refers to: a directory no other user can read. When the writer is done, everything in it is given
/// to the proxy's user and can be read by nobody else but root.
/// </param>
internal sealed record ProxyBootstrapRequest(LocalPod Pod, string Directory);
