using System.Globalization;
using System.Text.RegularExpressions;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.PluginHost.Manifests;

/// <summary>Reads one mapping field by field; whatever nobody asked for is reported at the end. It never stops at the first mistake.</summary>
internal sealed class FieldReader(YamlDocumentPart document, YamlMappingNode node, string path, Findings findings)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>A text or number as text; null when absent, or after a report.</summary>
    public string? Text(string name, string? required = null)
    {
        switch (Find(name))
        {
            case null:
                if (required is not null)
                {
                    findings.Error(Of(name), "This field is missing", required, Position);
                }

                return null;
            case YamlScalarNode { Value: { } value } scalar when !YamlScalar.IsNull(scalar):
                return value;
            case { } other:
                Wrong(name, other, "a text");
                return null;
        }
    }

    /// <summary>A text that must match; null when absent, or after a report.</summary>
    public string? Text(string name, Regex pattern, string rule, string? required = null)
    {
        if (Text(name, required) is not { } text)
        {
            return null;
        }

        if (pattern.IsMatch(text))
        {
            return text;
        }

        Report(name, $"{YamlScalar.Quote(text)} is not allowed here", rule);
        return null;
    }

    public bool Flag(string name, bool fallback)
    {
        if (Find(name) is not { } found)
        {
            return fallback;
        }

        if (found is YamlScalarNode scalar && YamlScalar.AsBoolean(scalar) is { } flag)
        {
            return flag;
        }

        Wrong(name, found, "true or false");
        return fallback;
    }

    public long? Number(string name)
    {
        if (Find(name) is not { } found)
        {
            return null;
        }

        if (found is YamlScalarNode single && YamlScalar.AsInteger(single) is { } number)
        {
            return number;
        }

        Wrong(name, found, "a whole number");
        return null;
    }

    /// <summary>A time such as <c>30s</c>, <c>5m</c> or <c>1h</c>, longer than nothing.</summary>
    public TimeSpan Duration(string name, TimeSpan fallback)
    {
        if (Text(name) is not { } text)
        {
            return fallback;
        }

        var unit = text.Length > 0 ? text[^1] switch { 's' => TimeSpan.FromSeconds(1), 'm' => TimeSpan.FromMinutes(1), 'h' => TimeSpan.FromHours(1), _ => TimeSpan.Zero } : TimeSpan.Zero;
        if (unit > TimeSpan.Zero && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and < 100_000)
        {
            return unit * count;
        }

        Report(name, $"{YamlScalar.Quote(text)} is no duration", "Write it like 30s, 5m or 1h");
        return fallback;
    }

    /// <summary>A mapping from names to texts.</summary>
    public IEnumerable<KeyValuePair<string, string>> Pairs(string name)
    {
        if (Find(name) is not { } found)
        {
            yield break;
        }

        if (found is not YamlMappingNode mapping)
        {
            Wrong(name, found, "a mapping");
            yield break;
        }

        foreach (var (key, value) in mapping.Children)
        {
            if (value is YamlScalarNode { Value: { } text })
            {
                yield return new(((YamlScalarNode)key).Value ?? "", text);
            }
            else
            {
                Wrong(name, value, "a text");
            }
        }
    }

    /// <summary>One of an enumeration's words, written in lower case with dashes.</summary>
    public T Word<T>(string name, T fallback, string? required = null)
        where T : struct, Enum
        => Text(name, required) is { } text ? Parse<T>(name, text) ?? fallback : fallback;

    public IReadOnlyList<T> Words<T>(string name)
        where T : struct, Enum
        => [.. Texts(name).Select(text => Parse<T>(name, text)).OfType<T>().Distinct().Order()];

    public IReadOnlyList<string> Texts(string name)
    {
        var texts = new List<string>();
        foreach (var item in List(name))
        {
            if (item is YamlScalarNode { Value: { } value })
            {
                texts.Add(value);
            }
            else
            {
                Wrong(name, item, "a text");
            }
        }

        return texts;
    }

    /// <summary>The mappings of a list.</summary>
    public IEnumerable<FieldReader> Objects(string name)
    {
        var index = 0;
        foreach (var item in List(name))
        {
            var at = $"{Of(name)}[{index++}]";
            if (item is YamlMappingNode mapping)
            {
                yield return new(document, mapping, at, findings);
            }
            else
            {
                findings.Error(at, $"Expected a mapping, found {YamlScalar.Describe(item)}", "Write a mapping", document.PositionOf(item));
            }
        }
    }

    /// <summary>A mapping with any names, whose values are mappings.</summary>
    public IEnumerable<(string Name, FieldReader Fields)> Entries(string name)
    {
        if (Find(name) is not { } found)
        {
            yield break;
        }

        if (found is not YamlMappingNode mapping)
        {
            Wrong(name, found, "a mapping");
            yield break;
        }

        foreach (var (key, value) in mapping.Children)
        {
            var word = ((YamlScalarNode)key).Value ?? "";
            if (value is YamlMappingNode fields)
            {
                yield return (word, new(document, fields, $"{Of(name)}.{word}", findings));
            }
            else
            {
                findings.Error($"{Of(name)}.{word}", $"Expected a mapping, found {YamlScalar.Describe(value)}", "Write a mapping", document.PositionOf(value));
            }
        }
    }

    /// <summary>A mapping; null when absent.</summary>
    public FieldReader? Object(string name)
    {
        switch (Find(name))
        {
            case null:
                return null;
            case YamlMappingNode mapping:
                return new(document, mapping, Of(name), findings);
            case { } other:
                Wrong(name, other, "a mapping");
                return null;
        }
    }

    /// <summary>The node itself, for values of any type.</summary>
    public YamlNode? Node(string name) => Find(name);

    public void Report(string name, string message, string advice)
        => findings.Error(Of(name), message, advice, Find(name) is { } found ? document.PositionOf(found) : Position);

    /// <summary>Reports the fields nobody asked for.</summary>
    public void Done()
    {
        foreach (var (key, _) in node.Children)
        {
            var name = ((YamlScalarNode)key).Value ?? "";
            if (!_known.Contains(name))
            {
                findings.Error(Of(name), $"There is no field {YamlScalar.Quote(name)} here",
                    Suggestion.Closest(name, _known) is { } meant ? $"Did you mean \"{meant}\"" : $"Possible fields are {string.Join(", ", _known.Order(StringComparer.Ordinal))}",
                    document.PositionOf(key));
            }
        }
    }

    private YamlPosition Position => document.PositionOf(node);

    private T? Parse<T>(string name, string text)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(Dashed(value), text, StringComparison.Ordinal))
            {
                return value;
            }
        }

        var words = Enum.GetValues<T>().Select(Dashed).ToArray();
        Report(name, $"{YamlScalar.Quote(text)} is not known here",
            Suggestion.Closest(text, words) is { } meant ? $"Did you mean \"{meant}\"" : $"Use one of {string.Join(", ", words)}");
        return null;
    }

    /// <summary>An enumeration's word as it is written in files.</summary>
    public static string Dashed<T>(T value)
        where T : struct, Enum
        => string.Concat(value.ToString().Select((letter, index) => index > 0 && char.IsUpper(letter) ? $"-{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));

    private IEnumerable<YamlNode> List(string name)
    {
        switch (Find(name))
        {
            case null:
                return [];
            case YamlSequenceNode list:
                return list.Children;
            case { } other:
                Wrong(name, other, "a list");
                return [];
        }
    }

    private void Wrong(string name, YamlNode found, string expected)
        => findings.Error(Of(name), $"Expected {expected}, found {YamlScalar.Describe(found)}", $"Write {expected}", document.PositionOf(found));

    private string Of(string name) => path.Length == 0 ? name : $"{path}.{name}";

    private YamlNode? Find(string name)
    {
        _known.Add(name);
        var found = node.Children.FirstOrDefault(entry => string.Equals(((YamlScalarNode)entry.Key).Value, name, StringComparison.Ordinal)).Value;
        return found is null || YamlScalar.IsNull(found) ? null : found;
    }
}
