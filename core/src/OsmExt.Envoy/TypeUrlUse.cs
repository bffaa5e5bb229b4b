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
    /// <param name="message">Whatever may be sent.</param>
    /// <param name="unpacked">Shared with whoever else looks at the message.</param>
    public static IReadOnlySet<string> In(IMessage message, UnpackedMessages? unpacked = null)
    {
        var types = new SortedSet<string>(StringComparer.Ordinal);
        Walk(message, new FieldPath(), unpacked ?? new(), (type, _) => types.Add(type));
        return types;
    }

    /// <summary>Every use with its place, in order of the fields.</summary>
    public static IReadOnlyList<TypeUse> Find(IMessage message)
    {
        var uses = new List<TypeUse>();
        Walk(message, new FieldPath(), new(), (type, path) => uses.Add(new(type, path.ToString())));
        return uses;
    }

    private static void Walk(IMessage message, FieldPath path, UnpackedMessages unpacked, Action<string, FieldPath> found)
    {
        switch (message)
        {
            case Any any:
                WalkAny(any, path, unpacked, found);
                return;
            case global::Xds.Type.V3.TypedStruct typed:
                Add(typed.TypeUrl, path, found);
                return;
            case global::Udpa.Type.V1.TypedStruct typed:
                Add(typed.TypeUrl, path, found);
                return;
            default:
                PackedFields.Visit(message, path, child => Walk(child, path, unpacked, found));
                return;
        }
    }

    private static void WalkAny(Any any, FieldPath path, UnpackedMessages unpacked, Action<string, FieldPath> found)
    {
        var content = unpacked.Of(any);
        if (content is not (global::Xds.Type.V3.TypedStruct or global::Udpa.Type.V1.TypedStruct))
        {
            Add(any.TypeUrl, path, found);
        }

        if (content is not null)
        {
            Walk(content, path, unpacked, found);
        }
    }

    private static void Add(string typeUrl, FieldPath path, Action<string, FieldPath> found)
    {
        if (typeUrl.Length > 0)
        {
            found(TypeUrls.NameOf(typeUrl), path);
        }
    }
}
