using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Sdk.Plugins;

/// <summary>A kind of Kubernetes object that a plugin reads.</summary>
/// <param name="Group">API group. A kind that the mesh itself reads stays the mesh's.</param>
/// <param name="Kind">Its name.</param>
/// <param name="Versions">The versions that are read, newest first. Plugins see objects of all versions in the first.</param>
/// <param name="Schema">What its <c>spec</c> may look like, besides <c>targetRef</c>, in the first version and in those that have the same fields.</param>
public sealed record PluginKind(string Group, string Kind, EquatableArray<string> Versions, ConfigSchema Schema)
{
    /// <summary>
    /// Whether its objects have a <c>targetRef</c>. Those that have none say in their own way whom they are for, in other namespaces too
    /// maybe; so they count only in namespaces of the mesh and in the control plane's.
    /// </summary>
    public bool IsAimed { get; init; } = true;

    /// <summary>Whether the plugin's code says of each object whether it may count; see <see cref="IAdmissionRule"/>.</summary>
    public bool IsReviewed { get; init; }

    /// <summary>The C# type that <see cref="Schema"/> was made of, by its full name; empty when a file says it.</summary>
    public string Type { get; init; } = "";

    /// <summary>The versions that have other fields than the first, and the ways between them.</summary>
    public EquatableArray<KindConversion> Conversions { get; init; }

    /// <summary>What a <c>spec</c> may look like in a version.</summary>
    public ConfigSchema SchemaOf(string version) => Conversions.FirstOrDefault(other => string.Equals(other.Version, version, StringComparison.Ordinal))?.Schema ?? Schema;
}

/// <summary>An object of a plugin's kind, checked against the schema, with defaults filled in.</summary>
/// <param name="Metadata">Name, labels and the rest.</param>
/// <param name="Group">The kind's API group.</param>
/// <param name="KindName">The kind.</param>
public sealed record PluginResource(ResourceMetadata Metadata, string Group, string KindName) : Resource(Metadata)
{
    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>The version that <see cref="Spec"/> is in: as it is written, and the kind's first by the time a plugin sees it.</summary>
    public string Version { get; init; } = "";

    /// <summary>Its <c>spec</c> without <c>targetRef</c>.</summary>
    public ConfigValue Spec { get; init; } = ConfigValue.Empty;

    /// <summary>What <c>spec.targetRef</c> names; null for the object's own namespace itself.</summary>
    public TargetReference? TargetRef { get; init; }

    /// <summary>The namespace of what <see cref="TargetRef"/> names: its own, unless it names another.</summary>
    public string TargetNamespace => TargetRef is { Namespace.Length: > 0 } target ? target.Namespace : Metadata.Namespace;

    /// <summary>
    /// Whether it is for somebody in another namespace, which a ReferenceGrant there allows: plugins are not given objects that none does.
    /// An object of that namespace which is for the same counts before it.
    /// </summary>
    public bool AimsElsewhere => !string.Equals(TargetNamespace, Metadata.Namespace, StringComparison.Ordinal);

    /// <summary>Whether it has <c>spec.lock</c>: that it counts everywhere it is for, whatever more specific objects say.</summary>
    public bool IsLocked { get; init; }

    /// <summary>
    /// Whom the object is for: what its <c>targetRef</c> names, else its whole namespace; or the whole mesh when it is in the
    /// control plane's namespace and names nothing.
    /// </summary>
    public ContributionTarget TargetIn(string osmNamespace) => TargetRef switch
    {
        { Kind: "Service" } service => new() { Service = new(TargetNamespace, service.Name), Port = service.Port },
        { Kind: TargetReference.Routes } route => new()
        {
            Namespace = route.Service.Length == 0 ? TargetNamespace : null,
            Service = route.Service.Length == 0 ? null : new(TargetNamespace, route.Service),
            Port = route.Port,
            Route = new(TargetNamespace, route.Name, route.SectionName),
        },
        { Kind: "Pod" } pods => new() { Namespace = TargetNamespace, Labels = pods.Labels },
        { } account => new() { Namespace = TargetNamespace, ServiceAccount = account.Name },
        null when string.Equals(Metadata.Namespace, osmNamespace, StringComparison.Ordinal) => ContributionTarget.Mesh,
        null => new() { Namespace = TargetNamespace },
    };
}
