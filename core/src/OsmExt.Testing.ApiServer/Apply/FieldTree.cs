using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Apply;

/// <summary>A set of fields, as <c>fieldsV1</c> writes them: below an object's name <c>f:</c>, below a list's keys <c>k:</c> or a value <c>v:</c>.</summary>
internal sealed class FieldTree
{
    /// <summary>No field.</summary>
    public static FieldTree Empty { get; } = new(false, ImmutableSortedDictionary.Create<string, FieldTree>(StringComparer.Ordinal));

    /// <summary>The value itself, and nothing in it.</summary>
    public static FieldTree Leaf { get; } = new(true, Empty.Children);

    private FieldTree(bool isMember, ImmutableSortedDictionary<string, FieldTree> children) => (IsMember, Children) = (isMember, children);

    /// <summary>Whether the value itself is in the set.</summary>
    public bool IsMember { get; }

    public ImmutableSortedDictionary<string, FieldTree> Children { get; }

    public bool IsEmpty => !IsMember && Children.IsEmpty;

    public static FieldTree Of(bool isMember, IEnumerable<KeyValuePair<string, FieldTree>> children)
    {
        var some = children.Where(child => !child.Value.IsEmpty).ToImmutableSortedDictionary(StringComparer.Ordinal);
        return some.IsEmpty ? (isMember ? Leaf : Empty) : new(isMember, some);
    }

    /// <exception cref="Refusal">It is no set of fields.</exception>
    public static FieldTree Read(JsonNode? fields)
    {
        var map = fields as JsonObject ?? throw Refusal.BadRequest("fieldsV1 is an object");
        // Nothing below is a leaf; the root is the object, and nobody owns that.
        return Of(map.ContainsKey("."), map.Where(field => field.Key != ".").Select(field => KeyValuePair.Create(Element(field.Key), field.Value is JsonObject { Count: 0 } ? Leaf : Read(field.Value))));
    }

    public JsonObject ToJson()
    {
        var result = new JsonObject();
        if (IsMember && !Children.IsEmpty)
        {
            result["."] = new JsonObject();
        }

        foreach (var (element, child) in Children)
        {
            result[element] = child.ToJson();
        }

        return result;
    }

    public FieldTree Union(FieldTree other) => Of(IsMember || other.IsMember,
        Children.Keys.Union(other.Children.Keys, StringComparer.Ordinal).Select(name => KeyValuePair.Create(name, Child(name).Union(other.Child(name)))));

    public FieldTree Intersect(FieldTree other)
        => Of(IsMember && other.IsMember, Children.Select(child => KeyValuePair.Create(child.Key, child.Value.Intersect(other.Child(child.Key)))));

    public FieldTree Except(FieldTree other)
        => Of(IsMember && !other.IsMember, Children.Select(child => KeyValuePair.Create(child.Key, child.Value.Except(other.Child(child.Key)))));

    /// <summary>The members that the other has in no form: an empty object is there too when it is filled.</summary>
    public FieldTree MissingIn(FieldTree other)
        => Of(IsMember && other.IsEmpty, Children.Select(child => KeyValuePair.Create(child.Key, child.Value.MissingIn(other.Child(child.Key)))));

    /// <summary>Without everything at and below the members of another set.</summary>
    public FieldTree ExceptBelow(FieldTree other)
        => other.IsMember ? Empty : Of(IsMember, Children.Select(child => KeyValuePair.Create(child.Key, child.Value.ExceptBelow(other.Child(child.Key)))));

    public FieldTree Child(string element) => Children.GetValueOrDefault(element, Empty);

    /// <summary>The fields as messages name them, like <c>.spec.ports[port=80,protocol="TCP"].name</c>.</summary>
    public IEnumerable<string> Paths => PathsBelow("");

    private IEnumerable<string> PathsBelow(string path) => (IsMember ? [path] : Enumerable.Empty<string>())
        .Concat(Children.SelectMany(child => child.Value.PathsBelow(path + Word(child.Key))));

    public override string ToString() => string.Join(", ", Paths);

    private static string Word(string element)
    {
        switch (element[..2])
        {
            case "k:":
                var text = new StringBuilder("[");
                text.AppendJoin(',', JsonNode.Parse(element[2..])!.AsObject().Select(key => $"{key.Key}={FieldError.Word(key.Value)}"));
                return text.Append(']').ToString();
            case "v:":
                return $"[={element[2..]}]";
            default:
                return $".{element[2..]}";
        }
    }

    private static string Element(string written) => written.Length > 2 && written[1] == ':' && written[0] is 'f' or 'k' or 'v' or 'i' ? written
        : written == "f:" ? written : throw Refusal.BadRequest($"fieldsV1: {written} is no field");
}
