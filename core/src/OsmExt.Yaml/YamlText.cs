using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Yaml;

/// <summary>
/// Splits a text into its YAML documents (JSON is YAML) and reads each on its own, so that one broken document hides no other.
/// </summary>
internal static class YamlText
{
    private const char ByteOrderMark = '\uFEFF';

    public static (IReadOnlyList<YamlDocumentPart> Documents, IReadOnlyList<YamlProblem> Problems) Read(string text)
    {
        var documents = new List<YamlDocumentPart>();
        var problems = new List<YamlProblem>();
        foreach (var (part, offset) in Split(text))
        {
            if (ControlCharacter(part, offset) is { } problem)
            {
                problems.Add(problem);
                continue;
            }

            var parser = new BoundedParser(new Parser(new StringReader(part)));
            try
            {
                var stream = new YamlStream();
                stream.Load(parser);
                documents.AddRange(stream.Documents.Where(HasContent).Select(document => new YamlDocumentPart(document.RootNode, offset)));
            }
            catch (YamlException exception)
            {
                var message = exception.InnerException?.Message ?? exception.Message;
                problems.Add(new(YamlScalar.Printable(message.TrimEnd('.')), new(exception.Start.Line + offset, exception.Start.Column)));
            }
            catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
            {
                // YamlDotNet throws these, without a position, where a flow collection is not closed or a node is nothing it knows.
                var last = parser.Current?.End ?? Mark.Empty;
                problems.Add(new("This is not YAML; a \"[\" or \"{\" near here may not be closed", new(last.Line + offset, last.Column)));
            }
        }

        return (documents, problems);
    }

    private static bool HasContent(YamlDocument document)
        => document.RootNode is not YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };

    // YamlDotNet takes NUL for the end of the text, so a file with a hole in it would silently lose what follows.
    private static YamlProblem? ControlCharacter(string part, long offset)
    {
        var at = part.AsSpan().IndexOfAnyInRange('\0', '\u0008');
        if (at < 0)
        {
            return null;
        }

        var before = part.AsSpan(0, at);
        var position = new YamlPosition(offset + before.Count('\n') + 1, at - before.LastIndexOf('\n'));
        return new($"The control character U+{(int)part[at]:X4} is not allowed", position);
    }

    // "---" at the start of a line always begins a document, even inside a block scalar. What may stand before the first one
    // (comments, directives) belongs to it.
    private static IEnumerable<(string Part, long Offset)> Split(string text)
    {
        var start = text.StartsWith(ByteOrderMark) ? 1 : 0;
        var (offset, line, begun) = (0L, 0L, false);
        for (var at = start; at < text.Length; line++)
        {
            var end = text.IndexOf('\n', at);
            var next = end < 0 ? text.Length : end + 1;
            var (marker, content) = Classify(text.AsSpan(at, next - at).TrimEnd());
            if (marker && begun)
            {
                yield return (text[start..at], offset);
                (start, offset) = (at, line);
            }

            begun |= content;
            at = next;
        }

        if (begun)
        {
            yield return (text[start..], offset);
        }
    }

    private static (bool IsMarker, bool IsContent) Classify(ReadOnlySpan<char> line)
    {
        var marker = line is "---" || line.StartsWith("--- ", StringComparison.Ordinal) || line.StartsWith("---\t", StringComparison.Ordinal);
        return (marker, marker || !(line.IsEmpty || line[0] is '#' or '%'));
    }
}
