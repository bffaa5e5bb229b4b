using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler;

/// <summary>
/// Collects findings while compiling, and says where each object was read. Without a snapshot it does not: what is kept for later says where objects are only when
/// it is used, since they can move within a file without changing.
/// </summary>
internal sealed class DiagnosticBag(ResourceSnapshot? snapshot = null)
{
    private readonly SortedSet<Diagnostic> _found = [];

    public void Error(string code, Resource about, string field, string message, string advice)
        => Add(code, Severity.Error, about, field, message, advice);

    public void Warning(string code, Resource about, string field, string message, string advice)
        => Add(code, Severity.Warning, about, field, message, advice);

    public void Note(string code, Resource about, string field, string message, string advice)
        => Add(code, Severity.Info, about, field, message, advice);

    public void Add(Diagnostic diagnostic) => _found.Add(diagnostic);

    public EquatableArray<Diagnostic> Sorted() => _found.ToEquatableArray();

    private void Add(string code, Severity severity, Resource about, string field, string message, string advice)
        => _found.Add(new(code, severity, about.Key, field, Sentence(message), advice, snapshot?.LocationOf(about.Key)));

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
