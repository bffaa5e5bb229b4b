using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Resources;

/// <summary>Gateway API ReferenceGrant: lets objects of other namespaces name objects of its own. Without one nobody may.</summary>
public sealed record ReferenceGrant(ResourceMetadata Metadata) : Resource(Metadata)
{
    /// <inheritdoc/>
    public override string Kind => nameof(ReferenceGrant);

    /// <summary>Whose objects may; one of them is enough.</summary>
    public EquatableArray<GrantFrom> From { get; init; }

    /// <summary>What they may name; one of them is enough.</summary>
    public EquatableArray<GrantTo> To { get; init; }

    /// <summary>Whether objects of that kind and namespace may name that object of this grant's namespace.</summary>
    /// <param name="from">Who names it.</param>
    /// <param name="group">The API group of what is named.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="name">Its name; null for whatever objects of the kind, which a grant for one of them does not allow.</param>
    public bool Allows(GrantFrom from, string group, string kind, string? name)
        => From.Contains(from) && To.Any(to => string.Equals(to.Group, group, StringComparison.Ordinal) && string.Equals(to.Kind, kind, StringComparison.Ordinal)
            && (to.Name.Length == 0 || string.Equals(to.Name, name, StringComparison.Ordinal)));
}

/// <summary>Objects that may name others.</summary>
/// <param name="Group">Their API group; empty for the core group.</param>
/// <param name="Kind">Their kind.</param>
/// <param name="Namespace">Their namespace.</param>
public sealed record GrantFrom(string Group, string Kind, string Namespace);

/// <summary>Objects of the grant's namespace that may be named.</summary>
/// <param name="Group">Their API group; empty for the core group.</param>
/// <param name="Kind">Their kind.</param>
/// <param name="Name">The one object; empty for all of the kind.</param>
public sealed record GrantTo(string Group, string Kind, string Name = "");
