using System.Collections.Frozen;
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
        SortedSet<string>? types = null;
        new Walk(unpacked ?? new(), (type, _) => (types ??= new(StringComparer.Ordinal)).Add(type)) { PlacesMatter = false }.Visit(message);
        return types ?? (IReadOnlySet<string>)FrozenSet<string>.Empty;
    }

    /// <summary>Every use with its place, in order of the fields.</summary>
    public static IReadOnlyList<TypeUse> Find(IMessage message)
    {
        var uses = new List<TypeUse>();
        new Walk(new(), (type, path) => uses.Add(new(type, path.ToString()))).Visit(message);
        return uses;
    }

    private sealed class Walk
    {
        private readonly FieldPath _path = new();
        private readonly UnpackedMessages _unpacked;
        private readonly Action<string, FieldPath> _found;
        private readonly Action<IMessage> _visit;

        public Walk(UnpackedMessages unpacked, Action<string, FieldPath> found)
        {
            (_unpacked, _found) = (unpacked, found);
            // One for the whole walk: every message visited would make its own.
            _visit = Visit;
        }

        /// <summary>If not, what is known of a message without its places will do.</summary>
        public bool PlacesMatter { get; init; } = true;

        public void Visit(IMessage message)
        {
            switch (message)
            {
                case Any any:
                    VisitAny(any);
                    return;
                case global::Xds.Type.V3.TypedStruct typed:
                    Add(typed.TypeUrl);
                    return;
                case global::Udpa.Type.V1.TypedStruct typed:
                    Add(typed.TypeUrl);
                    return;
                default:
                    PackedFields.Visit(message, _path, _visit);
                    return;
            }
        }

        private void VisitAny(Any any)
        {
            if (!PlacesMatter && SharedAny.TryGet(any, out var known))
            {
                foreach (var type in known)
                {
                    _found(type, _path);
                }

                return;
            }

            var content = _unpacked.Of(any);
            if (content is not (global::Xds.Type.V3.TypedStruct or global::Udpa.Type.V1.TypedStruct))
            {
                Add(any.TypeUrl);
            }

            if (content is not null)
            {
                Visit(content);
            }
        }

        private void Add(string typeUrl)
        {
            if (typeUrl.Length > 0)
            {
                _found(TypeUrls.NameOf(typeUrl), _path);
            }
        }
    }
}
