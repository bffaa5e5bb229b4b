using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Resources;

/// <summary>A namespace. It is part of the mesh when it carries the mesh's <c>monitored-by</c> label.</summary>
public sealed record Namespace(ResourceMetadata Metadata) : Resource(Metadata)
{
    /// <inheritdoc/>
    public override string Kind => nameof(Namespace);
}

/// <summary>A service account: what a workload's identity is made of.</summary>
public sealed record ServiceAccount(ResourceMetadata Metadata) : Resource(Metadata)
{
    /// <inheritdoc/>
    public override string Kind => nameof(ServiceAccount);
}

/// <summary>A Deployment, ReplicaSet, StatefulSet, DaemonSet or Job; read only to name a pod's workload in telemetry.</summary>
/// <param name="Metadata">Its metadata; the controller reference leads further up.</param>
/// <param name="OwnerKind">Which of the kinds it is.</param>
public sealed record WorkloadOwner(ResourceMetadata Metadata, string OwnerKind) : Resource(Metadata)
{
    /// <inheritdoc/>
    public override string Kind => OwnerKind;
}

/// <summary>A pod, as far as the mesh and the local runtime need it.</summary>
public sealed record Pod(ResourceMetadata Metadata) : Resource(Metadata)
{
    /// <inheritdoc/>
    public override string Kind => nameof(Pod);

    /// <summary>Name of the service account it runs as; <c>default</c> when the object names none.</summary>
    public string ServiceAccount { get; init; } = "default";

    /// <summary>Whether it shares the node's network; such a pod cannot have a sidecar.</summary>
    public bool HostNetwork { get; init; }

    /// <summary>Whether it has run to its end (phase Succeeded or Failed); its address may then be somebody else's.</summary>
    public bool Finished { get; init; }

    /// <summary>The name it is known by in a headless service; empty when the object sets none.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>Its addresses, the primary one first.</summary>
    public EquatableArray<string> Addresses { get; init; }

    /// <summary>Whether it was given a sidecar, as injection leaves a pod: by the label with the sidecar's id, or by its containers.</summary>
    public bool IsInjected { get; init; }

    /// <summary>Its containers, without init containers.</summary>
    public EquatableArray<Container> Containers { get; init; }
}

/// <summary>A container of a pod.</summary>
/// <param name="Name">Its name.</param>
public sealed record Container(string Name)
{
    /// <summary>The image.</summary>
    public string Image { get; init; } = "";

    /// <summary>Entry point; empty means the image's own.</summary>
    public EquatableArray<string> Command { get; init; }

    /// <summary>Arguments.</summary>
    public EquatableArray<string> Arguments { get; init; }

    /// <summary>Environment variables with literal values; references to other objects are left out.</summary>
    public LabelSet Environment { get; init; } = LabelSet.Empty;

    /// <summary>Declared ports; named ones can be the target of a Service port.</summary>
    public EquatableArray<ContainerPort> Ports { get; init; }
}

/// <summary>A port a container declares.</summary>
/// <param name="Name">Name, or empty.</param>
/// <param name="Port">Number.</param>
/// <param name="Transport">TCP, UDP or SCTP.</param>
public sealed record ContainerPort(string Name, int Port, string Transport = "TCP");
