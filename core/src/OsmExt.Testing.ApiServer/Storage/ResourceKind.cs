using System.Collections.Immutable;

namespace OsmExt.Testing.ApiServer.Storage;

/// <summary>A group and what its objects are called in addresses: under one of these, whatever the version, objects are stored once.</summary>
internal readonly record struct GroupResource(string Group, string Resource)
{
    public override string ToString() => Group.Length == 0 ? Resource : $"{Resource}.{Group}";
}

/// <summary>One version of a kind as it is served: a row of the table of kinds.</summary>
internal sealed record ResourceKind(string Group, string Version, string Plural, string Singular, string Kind, bool Namespaced)
{
    public ImmutableArray<string> ShortNames { get; init; } = [];

    public ImmutableArray<string> Categories { get; init; } = [];

    public ImmutableArray<Subresource> Subresources { get; init; } = [];

    /// <summary>The version objects are kept in; what is asked for in another one is converted.</summary>
    public string StorageVersion { get; init; } = Version;

    public string ListKind { get; init; } = Kind + "List";

    /// <summary>Whether <c>metadata.generation</c> counts the changes of what users want.</summary>
    public bool CountsGenerations { get; init; }

    /// <summary>The CustomResourceDefinition that made it; null for kinds of Kubernetes itself.</summary>
    public CustomVersion? Custom { get; init; }

    /// <summary>Whether it is only asked, never kept: a review, which is answered at once.</summary>
    public bool CreateOnly { get; init; }

    /// <summary>The group objects are kept in: events are the same objects in both of their groups.</summary>
    public string StorageGroup { get; init; } = Group;

    public GroupResource GroupResource => new(StorageGroup, Plural);

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public string StorageApiVersion => StorageGroup.Length == 0 ? StorageVersion : $"{StorageGroup}/{StorageVersion}";

    public ImmutableArray<string> Verbs => CreateOnly ? ["create"] : ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    public bool Has(string subresource) => Subresources.Any(known => known.Name == subresource);
}

/// <summary>What can be done below an object's own address, and the kind of object that is read or sent there.</summary>
internal sealed record Subresource(string Name, string Group, string Version, string Kind, ImmutableArray<string> Verbs);
