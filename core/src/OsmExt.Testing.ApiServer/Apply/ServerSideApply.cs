using System.Collections.Immutable;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Structures;

namespace OsmExt.Testing.ApiServer.Apply;

/// <summary>Server-side apply: objects that several people write parts of, and who owns which field (<c>metadata.managedFields</c>).</summary>
internal static class ServerSideApply
{
    private const string BeforeFirstApply = "before-first-apply";

    // Nobody owns what says which object it is, and what the server writes.
    private static readonly FieldTree Nobodys = FieldTree.Read(JsonNode.Parse("""
        {"f:apiVersion":{},"f:kind":{},"f:metadata":{"f:name":{},"f:namespace":{},"f:creationTimestamp":{},"f:selfLink":{},"f:uid":{},"f:clusterName":{},"f:generation":{},
        "f:managedFields":{},"f:resourceVersion":{},"f:deletionTimestamp":{},"f:deletionGracePeriodSeconds":{}}}
        """));

    /// <summary>What an object is after somebody applied a part of it.</summary>
    /// <param name="live">The object as it is; null when there is none.</param>
    /// <param name="applied">The part.</param>
    /// <param name="structure">Of the object.</param>
    /// <param name="owner">Who applies.</param>
    /// <param name="force">Whether the fields that others own become the owner's.</param>
    /// <param name="time">Now.</param>
    /// <param name="reset">What cannot be written here, like the status of an object; nobody owns it through this.</param>
    /// <param name="yielding">The fields that become the owner's though others own them, if no other would be in conflict.</param>
    /// <exception cref="Refusal">Others own a field that would change.</exception>
    public static JsonObject Apply(JsonObject? live, JsonObject applied, Structure structure, OwnerKey owner, bool force, DateTimeOffset time, FieldTree? reset = null, FieldTree? yielding = null)
    {
        if (applied["metadata"]?["managedFields"] is not null)
        {
            throw Refusal.BadRequest("metadata.managedFields must be nil");
        }

        var before = Bare(live);
        var owners = FieldOwner.Read(live?["metadata"]?["managedFields"]).ToImmutableList();
        if (live is not null && owners.IsEmpty && Owned(before, structure, null) is { IsEmpty: false } found)
        {
            owners = owners.Add(new(new(BeforeFirstApply, false, owner.Version), found, ""));
        }

        var fields = FieldsOf.Value(Bare(applied), structure, strict: true).ExceptBelow(Nobodys).ExceptBelow(reset ?? FieldTree.Empty);
        var last = owners.FirstOrDefault(known => known.Key == owner);
        var others = owners.Where(known => known.Key != owner).ToImmutableList();
        var merged = AppliedObject.Merged(live is null ? new JsonObject() : before, Bare(applied), structure);
        if (last is not null)
        {
            // What somebody owns a part of stays, and with it what it is in.
            var owned = others.Aggregate(fields, (all, other) => all.Union(other.Fields));
            merged = AppliedObject.Without(merged, last.Fields.MissingIn(owned), structure);
        }

        var result = (JsonObject)merged!;
        others = Yielded(others, FieldChanges.Between(before, result, structure), force, yielding);
        return With(result, others.Add(new(owner, fields, last is not null && Same(last.Fields, fields) && JsonNode.DeepEquals(before, result) ? last.Time : FieldOwner.Stamp(time))));
    }

    /// <summary>An object that somebody wrote as a whole, with who owns which field afterwards.</summary>
    /// <param name="live">The object as it was; null when there was none.</param>
    /// <param name="written">As it is written.</param>
    /// <param name="structure">Of the object.</param>
    /// <param name="owner">Who writes.</param>
    /// <param name="time">Now.</param>
    /// <param name="reset">What cannot be written here.</param>
    public static JsonObject Update(JsonObject? live, JsonObject written, Structure structure, OwnerKey owner, DateTimeOffset time, FieldTree? reset = null)
    {
        var (before, after) = (Bare(live), Bare(written));
        var given = written["metadata"]?["managedFields"] as JsonArray;
        // An entry that is empty asks to forget all owners; no entries are mostly a client that does not know of them.
        if (given is [JsonObject { Count: 0 }])
        {
            return With(after, []);
        }

        var owners = FieldOwner.Read(given is { Count: > 0 } ? given : live?["metadata"]?["managedFields"]).ToImmutableList();
        var changes = FieldChanges.Between(before, after, structure);
        var mine = changes.Written.ExceptBelow(Nobodys).ExceptBelow(reset ?? FieldTree.Empty);
        var last = owners.FirstOrDefault(known => known.Key == owner);
        owners = Yielded(owners.Where(known => known.Key != owner).ToImmutableList(), changes, force: true);
        var fields = (last?.Fields ?? FieldTree.Empty).Except(changes.Removed).Union(mine);
        if (!fields.IsEmpty)
        {
            owners = owners.Add(new(owner, fields, last is not null && Same(last.Fields, fields) && mine.IsEmpty ? last.Time : FieldOwner.Stamp(time)));
        }

        return With(after, owners);
    }

    // What was written or removed is not theirs any more.
    private static ImmutableList<FieldOwner> Yielded(ImmutableList<FieldOwner> owners, FieldChanges changes, bool force, FieldTree? yielding = null)
    {
        var conflicts = owners.Select(owner => (owner.Key, owner.Time, Fields: owner.Fields.Intersect(changes.Written))).Where(conflict => !conflict.Fields.IsEmpty).ToArray();
        if (!force && conflicts.Any(conflict => !conflict.Fields.Except(yielding ?? FieldTree.Empty).IsEmpty))
        {
            throw Conflict(conflicts);
        }

        return [.. owners.Select(owner => owner with { Fields = owner.Fields.Except(changes.Written).Except(changes.Removed) }).Where(owner => !owner.Fields.IsEmpty)];
    }

    private static Refusal Conflict(IReadOnlyList<(OwnerKey Owner, string Time, FieldTree Fields)> conflicts)
    {
        var all = conflicts.OrderBy(conflict => conflict.Owner.Name, StringComparer.Ordinal)
            .SelectMany(conflict => conflict.Fields.Paths.Select(path => (Owner: Word(conflict.Owner, conflict.Time), Path: path))).ToArray();
        var text = all is [var only] ? $"1 conflict: conflict with {only.Owner}: {only.Path}"
            : $"{all.Length} conflicts: {string.Join('\n', all.GroupBy(conflict => conflict.Owner).Select(group => $"conflicts with {group.Key}:\n{string.Join('\n', group.Select(conflict => $"- {conflict.Path}"))}"))}";
        return new(409, "Conflict", $"Apply failed with {text}") { Causes = [.. all.Select(conflict => new Cause("FieldManagerConflict", $"conflict with {conflict.Owner}", conflict.Path))] };
    }

    private static string Word(OwnerKey owner, string time)
    {
        var through = owner.Subresource.Length > 0 ? $" with subresource \"{owner.Subresource}\"" : "";
        return owner.IsApply ? $"\"{owner.Name}\"{through}" : $"\"{owner.Name}\"{through} using {owner.Version}{(time.Length > 0 ? $" at {time}" : "")}";
    }

    private static bool Same(FieldTree one, FieldTree other) => one.Except(other).IsEmpty && other.Except(one).IsEmpty;

    private static FieldTree Owned(JsonObject value, Structure structure, FieldTree? reset)
        => FieldsOf.Value(value, structure).ExceptBelow(Nobodys).ExceptBelow(reset ?? FieldTree.Empty);

    private static JsonObject Bare(JsonObject? value)
    {
        var result = value?.DeepClone().AsObject() ?? [];
        (result["metadata"] as JsonObject)?.Remove("managedFields");
        return result;
    }

    private static JsonObject With(JsonObject value, ImmutableList<FieldOwner> owners)
    {
        if (value["metadata"] is not JsonObject metadata)
        {
            value["metadata"] = metadata = [];
        }

        if (owners.Count > 0)
        {
            metadata["managedFields"] = FieldOwner.Write(owners);
        }

        return value;
    }
}
