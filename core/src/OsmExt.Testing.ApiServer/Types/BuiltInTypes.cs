using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;

namespace OsmExt.Testing.ApiServer.Types;

/// <summary>How a value stands in its field.</summary>
internal enum FieldShape
{
    Single,
    List,
    Map,

    /// <summary>The value's fields stand in the object around it.</summary>
    Inline,

    /// <summary>Single, and written also when it is zero.</summary>
    Kept,
}

/// <summary>A field: its name in JSON, its number in protobuf, and what it holds.</summary>
internal sealed record TypeField(string Name, int Number, string Value, FieldShape Shape);

/// <summary>A type of Kubernetes' own, such as <c>core.v1.Pod</c>.</summary>
internal sealed record BuiltInType(string Name, ImmutableArray<TypeField> Fields)
{
    /// <summary>Whether it is only a list under another name.</summary>
    public bool IsList => Fields is [{ Name: "items", Shape: FieldShape.List, Value: "string" }];
}

/// <summary>The types of Kubernetes' own kinds, from <c>built-in-types.txt</c>.</summary>
internal static class BuiltInTypes
{
    private static readonly FrozenDictionary<string, BuiltInType> All = Read();

    /// <summary>A type by its name in the table; null for scalars and what is not in it.</summary>
    public static BuiltInType? Find(string name) => All.GetValueOrDefault(name);

    /// <summary>The type of a kind; null when the table has none.</summary>
    public static BuiltInType? Of(string group, string version, string kind) => Find($"{Package(group)}.{version}.{kind}");

    // Groups without a domain are called so, the core is "core", and of others the first word counts.
    private static string Package(string group) => group switch
    {
        "" => "core",
        "rbac.authorization.k8s.io" => "rbac",
        _ => group.Split('.')[0],
    };

    private static FrozenDictionary<string, BuiltInType> Read()
    {
        using var stream = typeof(BuiltInTypes).Assembly.GetManifestResourceStream("built-in-types.txt")!;
        using var reader = new StreamReader(stream);
        var types = new List<BuiltInType>();
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#') && line.Split(' ') is [var name, .. var fields])
            {
                types.Add(new(name, [.. fields.Select(Field)]));
            }
        }

        return types.ToFrozenDictionary(type => type.Name, StringComparer.Ordinal);
    }

    private static TypeField Field(string text)
    {
        var (equals, colon) = (text.IndexOf('=', StringComparison.Ordinal), text.IndexOf(':', StringComparison.Ordinal));
        var value = text[(colon + 1)..];
        var shape = value[^1] switch { '*' => FieldShape.List, '%' => FieldShape.Map, '~' => FieldShape.Inline, '!' => FieldShape.Kept, _ => FieldShape.Single };
        return new(text[..equals], int.Parse(text.AsSpan(equals + 1, colon - equals - 1), CultureInfo.InvariantCulture), shape == FieldShape.Single ? value : value[..^1], shape);
    }
}
