using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Yaml;

/// <summary>
/// Splits a text into its YAML documents (JSON is YAML) and reads each on its own, so that one broken document hides no other.
/// </summary>
internal static class YamlText
{
    public static (IReadOnlyList<YamlDocumentPart> Documents, IReadOnlyList<YamlProblem> Problems) Read(string text)
    {
        var documents = new List<YamlDocumentPart>();
        var problems = new List<YamlProblem>();
        foreach (var (part, offset) in Split(text))
        {
            var parser = new GuardedParser(new Parser(new StringReader(part)));
            try
            {
                var stream = new YamlStream();
                stream.Load(parser);
                documents.AddRange(stream.Documents.Where(HasContent).Select(document => new YamlDocumentPart(document.RootNode, offset)));
            }
            catch (YamlException exception)
            {
                var message = exception.InnerException?.Message ?? exception.Message;
                problems.Add(new(message.TrimEnd('.'), new(exception.Start.Line + offset, exception.Start.Column)));
            }
            catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
            {
                // YamlDotNet throws these, without a position, for an unterminated flow sequence and for odd tags; the last thing it
                // understood is where to look.
                var (line, column) = parser.Current is { } last ? (last.End.Line, last.End.Column) : (1, 1);
                problems.Add(new("this is not YAML; an unclosed bracket or quote is the usual reason", new(line + offset, column)));
            }
        }

        return (documents, problems);
    }

    private static bool HasContent(YamlDocument document)
        => document.RootNode is not YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };

    // "---" at the start of a line always begins a document, even inside a block scalar.
    private static IEnumerable<(string Part, long Offset)> Split(string text)
    {
        var start = 0;
        var offset = 0L;
        var line = 0L;
        for (var at = 0; at < text.Length; line++)
        {
            var end = text.IndexOf('\n', at);
            var next = end < 0 ? text.Length : end + 1;
            var content = text.AsSpan(at, next - at).TrimEnd();
            if (at > start && (content is "---" || content.StartsWith("--- ", StringComparison.Ordinal)))
            {
                yield return (text[start..at], offset);
                (start, offset) = (at, line);
            }

            at = next;
        }

        if (start < text.Length)
        {
            yield return (text[start..], offset);
        }
    }
}
