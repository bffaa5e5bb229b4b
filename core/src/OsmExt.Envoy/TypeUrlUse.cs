using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace OsmExt.Envoy;

/// <summary>A type that a message needs its reader to know.</summary>
/// <param name="TypeName">Full name, as proxies list them in <c>node.extensions</c>: without the type URL's prefix.</param>
/// <param name="Path">The field that holds it.</param>
internal sealed record TypeUse(string TypeName, string Path);

/// <summary>
/// The types packed inside a message at any depth, so that no proxy is sent one it does not offer. A TypedStruct stands for the
/// type its <c>type_url</c> names and is not listed itself.
/// </summary>
internal static class TypeUrlUse
{
    public static IReadOnlySet<string> In(IMessage message)
        => new SortedSet<string>(Find(message).Select(use => use.TypeName), StringComparer.Ordinal);

    /// <summary>Every use with its place, in order of the fields.</summary>
    public static IReadOnlyList<TypeUse> Find(IMessage message)
    {
        var uses = new List<TypeUse>();
        Walk(message, new FieldPath(), uses);
        return uses;
    }

    private static void Walk(IMessage message, FieldPath path, List<TypeUse> uses)
    {
        switch (message)
        {
            case Any any:
                WalkAny(any, path, uses);
                return;
            case global::Xds.Type.V3.TypedStruct typed:
                Add(typed.TypeUrl, path, uses);
                return;
            case global::Udpa.Type.V1.TypedStruct typed:
                Add(typed.TypeUrl, path, uses);
                return;
            default:
                PackedFields.Visit(message, path, child => Walk(child, path, uses));
                return;
        }
    }

    private static void WalkAny(Any any, FieldPath path, List<TypeUse> uses)
    {
        var content = EnvoyTypes.Unpack(any);
        if (content is not (global::Xds.Type.V3.TypedStruct or global::Udpa.Type.V1.TypedStruct))
        {
            Add(any.TypeUrl, path, uses);
        }

        if (content is not null)
        {
            Walk(content, path, uses);
        }
    }

    private static void Add(string typeUrl, FieldPath path, List<TypeUse> uses)
    {
        if (typeUrl.Length > 0)
        {
            uses.Add(new(TypeUrls.NameOf(typeUrl), path.ToString()));
        }
    }
}
