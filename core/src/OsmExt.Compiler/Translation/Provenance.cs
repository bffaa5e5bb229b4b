using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// Writes into Envoy's metadata which policy objects shaped a part of its configuration. The Service a part is for is in the part's
/// name and not repeated, so a mesh without policies carries no metadata at all.
/// </summary>
internal static class Provenance
{
    /// <summary>The metadata's namespace.</summary>
    public const string Key = "osm";

    private const string Field = "objects";

    /// <summary>Bytes that a message has in it if there is anything for <see cref="Read"/> in it.</summary>
    public static ReadOnlySpan<byte> FieldBytes => "objects"u8;

    // Somebody with more policies on one route than this does not read a list of them in a dump.
    private const int Most = 20;

    /// <summary>Null when there are none, so that the field stays unset.</summary>
    public static Metadata? Of(params IEnumerable<ResourceKey> objects)
    {
        var names = objects.Distinct().Order().Select(key => key.ToString()).ToArray();
        if (names.Length == 0)
        {
            return null;
        }

        var list = Value.ForList([.. (names.Length <= Most ? names : [.. names[..Most], "and others"]).Select(Value.ForString)]);
        return new() { FilterMetadata = { [Key] = new Struct { Fields = { [Field] = list } } } };
    }

    /// <summary>Somebody's own metadata with this one beside it.</summary>
    public static Metadata? Merge(Metadata? own, Metadata? provenance)
    {
        var merged = own?.Clone() ?? new();
        merged.MergeFrom(provenance ?? new());
        return merged;
    }

    /// <summary>The metadata with further objects beside those it names.</summary>
    public static Metadata Beside(Metadata? own, IEnumerable<ResourceKey> objects)
    {
        var merged = own?.Clone() ?? new();
        var names = Read(own).Concat(objects.Select(key => key.ToString())).Distinct(StringComparer.Ordinal).Select(Value.ForString);
        if (!merged.FilterMetadata.TryGetValue(Key, out var fields))
        {
            merged.FilterMetadata[Key] = fields = new();
        }

        fields.Fields[Field] = Value.ForList([.. names]);
        return merged;
    }

    /// <summary>What <see cref="Of"/> wrote.</summary>
    public static IEnumerable<string> Read(Metadata? metadata)
        => metadata is not null && metadata.FilterMetadata.TryGetValue(Key, out var written) && written.Fields.TryGetValue(Field, out var list)
            ? list.ListValue.Values.Select(value => value.StringValue)
            : [];
}
