using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Structures;

/// <summary>The structures of the kinds that are built in, from <c>built-in.txt</c>: what it does not name is unknown.</summary>
internal static class BuiltInStructures
{
    private static readonly FrozenDictionary<string, FrozenDictionary<string, Line>> Types = Read();

    /// <param name="type">The kind with its group, like <c>apps/Deployment</c>; only the kind in the core group.</param>
    public static Structure Of(string type) => new TypeStructure(type, null);

    public static bool Knows(string type) => Types.ContainsKey(type);

    private static FrozenDictionary<string, FrozenDictionary<string, Line>> Read()
    {
        using var stream = typeof(BuiltInStructures).Assembly.GetManifestResourceStream("built-in.txt")!;
        using var reader = new StreamReader(stream);
        var types = new Dictionary<string, Dictionary<string, Line>>(StringComparer.Ordinal);
        List<Dictionary<string, Line>> current = [];
        while (reader.ReadLine() is { } text)
        {
            var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0].StartsWith('#'))
            {
                continue;
            }

            if (!char.IsWhiteSpace(text[0]))
            {
                current = [.. words.Select(name => types.TryGetValue(name, out var known) ? known : types[name] = new(StringComparer.Ordinal))];
                continue;
            }

            var line = Line.Of(words);
            current.ForEach(fields => fields[words[0]] = line);
        }

        return types.ToFrozenDictionary(type => type.Key, type => type.Value.ToFrozenDictionary(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    /// <summary>A field of a type.</summary>
    /// <param name="Type">The type of the value, or of its items; empty when it is not described.</param>
    private sealed record Line(string Type)
    {
        public bool IsList { get; init; }

        public ListKind List { get; init; }

        public IReadOnlyList<string> Keys { get; init; } = [];

        public string MergeKey { get; init; } = "";

        public bool MergesItems { get; init; }

        public bool IsAtomic { get; init; }

        public bool IsReplaced { get; init; }

        public bool HasWholeItems { get; init; }

        public static Line Of(string[] words)
        {
            var isList = words[1].EndsWith("[]", StringComparison.Ordinal);
            var line = new Line(words[1].TrimEnd('[', ']').TrimStart('-')) { IsList = isList };
            foreach (var word in words.Skip(2))
            {
                var (name, value) = word.Split('=') is [var left, var right] ? (left, right) : (word, "");
                line = name switch
                {
                    "merge" => line with { MergesItems = true, MergeKey = value, List = value.Length == 0 ? line.List : ListKind.Map, Keys = line.Keys.Count > 0 || value.Length == 0 ? line.Keys : [value] },
                    "keys" => line with { List = ListKind.Map, Keys = value.Split(',') },
                    "set" => line with { List = ListKind.Set },
                    "atomic" => line with { IsAtomic = true, List = ListKind.Atomic },
                    "whole" => line with { HasWholeItems = true },
                    "replace" => line with { IsReplaced = true },
                    _ => throw new InvalidOperationException($"built-in.txt: {word} means nothing"),
                };
            }

            return line;
        }
    }

    private sealed record TypeStructure : Structure
    {
        private readonly string _type;
        private readonly bool _isList;
        private readonly bool _hasWholeItems;

        public TypeStructure(string type, Line? line)
        {
            (_type, _isList, _hasWholeItems) = (type, line?.IsList == true, line?.HasWholeItems == true);
            if (line is not null)
            {
                (List, Keys, MergesItems, MergeKey) = (line.List, line.Keys, line.MergesItems, line.MergeKey);
                (IsAtomicMap, IsReplaced) = (line is { IsAtomic: true, IsList: false }, line.IsReplaced);
            }
        }

        public override Structure Field(string name)
            => !_isList && Types.TryGetValue(_type, out var fields) && (fields.GetValueOrDefault(name) ?? fields.GetValueOrDefault("*")) is { } line ? new TypeStructure(line.Type, line) : Unknown;

        public override Structure Item => new TypeStructure(_type, null) { IsAtomicMap = _hasWholeItems };

        // The only key of built-in kinds that has a default.
        public override JsonNode? Fallback(string key) => key == "protocol" ? JsonValue.Create("TCP") : null;
    }
}
