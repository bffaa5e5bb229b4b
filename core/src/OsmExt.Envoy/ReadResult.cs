using Google.Protobuf;
using OsmExt.Yaml;

namespace OsmExt.Envoy;

/// <summary>What reading a text gave.</summary>
/// <param name="Message">The message; null when there is any problem, since half a policy is not one.</param>
/// <param name="Problems">Everything found wrong, in the order of the text.</param>
internal sealed record ReadResult(IMessage? Message, IReadOnlyList<ReadProblem> Problems);

/// <summary>One thing wrong with a text.</summary>
/// <param name="Path">The field, for example <c>filter_chains[0].filters[1].typed_config.stat_prefixx</c>; empty for the whole text.</param>
/// <param name="Position">Where in the text.</param>
/// <param name="Message">What is wrong, as a sentence without a full stop.</param>
/// <param name="Suggestion">The word probably meant, or null.</param>
internal sealed record ReadProblem(string Path, YamlPosition Position, string Message, string? Suggestion = null)
{
    /// <summary><c>path (line:column): message; did you mean 'word'?</c></summary>
    public override string ToString()
        => $"{Path}{(Path.Length > 0 ? " " : "")}({Position}): {Message}{(Suggestion is null ? "" : $"; did you mean '{Suggestion}'?")}";
}
