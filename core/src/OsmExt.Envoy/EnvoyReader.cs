using Google.Protobuf.Reflection;
using OsmExt.Envoy.Reading;
using OsmExt.Yaml;

namespace OsmExt.Envoy;

/// <summary>
/// Reads YAML or JSON into any message, after protobuf's JSON mapping, and tells everything that is wrong with it at once.
/// Stricter than the mapping where that would drop something silently. Never throws, whatever the text.
/// </summary>
internal static class EnvoyReader
{
    public static ReadResult Read(YamlDocumentPart document, MessageDescriptor type)
    {
        var reader = new MessageReader(new ReadContext(document));
        var message = reader.Read(document.Root, type);
        return reader.Problems.Count > 0 ? new(null, reader.Problems) : new(message, []);
    }

    /// <summary>Reads a text of exactly one document.</summary>
    public static ReadResult Read(string text, MessageDescriptor type)
    {
        var (documents, problems) = YamlText.Read(text);
        if (problems.Count > 0)
        {
            return new(null, [.. problems.Select(problem => new ReadProblem("", problem.Position, problem.Message))]);
        }

        return documents.Count switch
        {
            1 => Read(documents[0], type),
            0 => new(null, [new("", new(1, 1), $"the text is empty; expected {type.FullName}")]),
            _ => new(null, [new("", documents[1].PositionOf(documents[1].Root), "a second document; expected only one")]),
        };
    }
}
