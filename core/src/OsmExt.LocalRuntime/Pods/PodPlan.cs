using System.Net;
using System.Net.Sockets;
using OsmExt.Interception;
using OsmExt.LocalRuntime.Processes;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.LocalRuntime.Pods;

/// <summary>
/// All that running a pod depends on. A pod whose plan changed is started anew, any other is left alone; labels, for example, are
/// not in it.
/// </summary>
/// <param name="Key">The pod.</param>
/// <param name="NetworkNamespace">Where it lives: its own, or the node's when it asks for the node's network; null where pods are loopback addresses.</param>
/// <param name="Addresses">Its addresses; empty on the node's network.</param>
internal sealed record PodPlan(ResourceKey Key, string? NetworkNamespace, EquatableArray<IPAddress> Addresses)
{
    /// <summary>A pod of the same name with another id is another pod.</summary>
    public string Uid { get; init; } = "";

    /// <summary>Part of its identity, so of its sidecar's bootstrap.</summary>
    public string ServiceAccount { get; init; } = "";

    /// <summary>The name it calls itself.</summary>
    public string HostName { get; init; } = "";

    public bool HostNetwork { get; init; }

    public EquatableArray<ContainerPlan> Containers { get; init; }

    /// <summary>Its sidecar; null when it has none.</summary>
    public SidecarPlan? Sidecar { get; init; }

    /// <summary>Name of its folder for logs and files.</summary>
    public string Folder => $"{Key.Namespace}.{Key.Name}";

    public bool HasIpv6 => Addresses.Any(address => address.AddressFamily == AddressFamily.InterNetworkV6);
}

/// <summary>A container of a pod.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Program">What to run.</param>
/// <param name="User">As whom, without privileges; null for whoever runs the mesh.</param>
/// <param name="Environment">The container's own variables.</param>
internal sealed record ContainerPlan(string Name, ContainerProgram Program, uint? User, LabelSet Environment);

/// <summary>A pod's sidecar.</summary>
/// <param name="Program">The binary.</param>
/// <param name="Interception">What goes around it.</param>
internal sealed record SidecarPlan(string Program, InterceptionOptions Interception)
{
    /// <summary>What the sidecar's process is called when it is an Envoy.</summary>
    public const string Envoy = "envoy";

    /// <summary>What it is called when it is the embedded data plane.</summary>
    public const string EmbeddedName = "sidecar";

    /// <summary>Arguments that make the program the embedded data plane; null when it is an Envoy.</summary>
    public EquatableArray<string>? Embedded { get; init; }

    public string Name => Embedded is null ? Envoy : EmbeddedName;
}
