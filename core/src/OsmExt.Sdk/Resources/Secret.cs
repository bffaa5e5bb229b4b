using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;

namespace OsmExt.Sdk.Resources;

/// <summary>A Kubernetes Secret. It is read only where a plugin may have secrets, and plugins never see it.</summary>
/// <param name="Metadata">Name and labels; without annotations, where tools keep copies of objects.</param>
public sealed record Secret(ResourceMetadata Metadata) : Resource(Metadata)
{
    /// <inheritdoc/>
    public override string Kind => nameof(Secret);

    /// <summary>For example <c>kubernetes.io/tls</c>.</summary>
    public string Type { get; init; } = "Opaque";

    /// <summary>What it holds, by name.</summary>
    public EquatableArray<SecretEntry> Entries { get; init; }
}

/// <summary>A value of a Secret.</summary>
/// <param name="Key">Its name, for example <c>tls.crt</c>.</param>
/// <param name="Value">The value.</param>
public sealed record SecretEntry(string Key, SecretBytes Value);
