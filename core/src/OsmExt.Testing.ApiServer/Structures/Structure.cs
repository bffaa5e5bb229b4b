using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Structures;

/// <summary>What a list is for those who own parts of it.</summary>
internal enum ListKind
{
    /// <summary>One value, whoever writes it.</summary>
    Atomic,

    /// <summary>Values, each at most once.</summary>
    Set,

    /// <summary>Objects, each with keys of its own.</summary>
    Map,
}

/// <summary>How a value is put together when several people write parts of it: for strategic merge patches and for server-side apply.</summary>
internal abstract record Structure
{
    /// <summary>Nothing is known: objects are merged field by field, lists are one value.</summary>
    public static Structure Unknown { get; } = new UnknownStructure();

    public ListKind List { get; init; }

    /// <summary>Of a list that is a map: what tells its items apart.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Whether an object is one value, whoever writes it.</summary>
    public bool IsAtomicMap { get; init; }

    /// <summary>For strategic merge patches: whether lists are merged, and by which field; objects of lists without one are values.</summary>
    public bool MergesItems { get; init; }

    public string MergeKey { get; init; } = "";

    /// <summary>For strategic merge patches: whether a patch replaces the object.</summary>
    public bool IsReplaced { get; init; }

    /// <summary>What is in a field of the object.</summary>
    public abstract Structure Field(string name);

    /// <summary>What is in each item of the list.</summary>
    public abstract Structure Item { get; }

    /// <summary>What a key is where it is not written.</summary>
    public virtual JsonNode? Fallback(string key) => null;

    private sealed record UnknownStructure : Structure
    {
        public override Structure Field(string name) => this;

        public override Structure Item => this;
    }
}
