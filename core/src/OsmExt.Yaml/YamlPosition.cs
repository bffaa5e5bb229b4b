using YamlDotNet.RepresentationModel;

namespace OsmExt.Yaml;

/// <summary>A place in a text, counted from 1.</summary>
internal readonly record struct YamlPosition(long Line, long Column)
{
    public override string ToString() => $"{Line}:{Column}";
}

/// <summary>Text that is not YAML, and where.</summary>
internal sealed record YamlProblem(string Message, YamlPosition Position);

/// <summary>One document of a text.</summary>
/// <param name="Root">Its content.</param>
/// <param name="LineOffset">Lines of the text before it: node positions are counted inside the document.</param>
internal sealed record YamlDocumentPart(YamlNode Root, long LineOffset)
{
    public YamlPosition PositionOf(YamlNode node) => new(node.Start.Line + LineOffset, node.Start.Column);
}
