using System.Globalization;
using System.Text;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Kubernetes.Manifests;

/// <summary>
/// Where in an object a reader is: <c>spec.ports[0].port</c>, <c>metadata.labels[app]</c>. Grown and shrunk while walking, printed
/// only when there is something to report.
/// </summary>
internal sealed class FieldPath
{
    private readonly Stack<string> _segments = new();

    public void EnterField(string name) => _segments.Push(name);

    public void EnterItem(int index) => _segments.Push($"[{index}]");

    public void EnterKey(string key) => _segments.Push($"[{(IsPlain(key) ? key : YamlScalar.Quote(key))}]");

    public void Leave() => _segments.Pop();

    public override string ToString() => Print(null);

    /// <summary>The path of a field of what stands here.</summary>
    public string Of(string field) => Print(IsPlain(field) && !field.Contains('.', StringComparison.Ordinal) ? field : $"[{YamlScalar.Quote(field)}]");

    /// <summary>The node a path leads to, or the last one on the way that exists.</summary>
    public static YamlNode Nearest(YamlNode root, string path)
    {
        var node = root;
        for (var rest = path.AsSpan(); !rest.IsEmpty;)
        {
            var inBrackets = rest[0] == '[';
            var end = inBrackets ? rest.IndexOf(']') : rest.IndexOfAny('.', '[');
            var segment = (end < 0 ? rest : rest[..end]).TrimStart('[').ToString();
            rest = end < 0 ? [] : rest[(inBrackets ? end + 1 : end)..];
            rest = rest is ['.', ..] ? rest[1..] : rest;
            if (Child(node, segment) is not { } next)
            {
                break;
            }

            node = next;
        }

        return node;
    }

    private static YamlNode? Child(YamlNode node, string segment) => node switch
    {
        YamlSequenceNode list when int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < list.Children.Count => list.Children[index],
        _ => YamlEntries.Find(node, segment),
    };

    private static bool IsPlain(string name)
        => name.Length is > 0 and <= 253 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '/' or '.');

    private string Print(string? field)
    {
        var text = new StringBuilder();
        foreach (var segment in field is null ? _segments.Reverse() : _segments.Reverse().Append(field))
        {
            text.Append(text.Length > 0 && segment[0] != '[' ? "." : "").Append(segment);
        }

        return text.ToString();
    }
}
