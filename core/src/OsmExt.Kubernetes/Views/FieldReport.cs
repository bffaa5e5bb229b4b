using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Views;

/// <summary>
/// Collects everything that is wrong with one object. An Error means that the object is not used; with a Warning it is.
/// </summary>
/// <param name="key">The object; null when it cannot be told which one it is.</param>
/// <param name="locate">Finds where a field, or what is nearest to it, was read; gives null for objects from an API server.</param>
internal sealed class FieldReport(ResourceKey? key, Func<string, SourceLocation?> locate)
{
    // A generated file can repeat one mistake a million times; nobody reads more than this.
    private const int MaxFindings = 100;

    private readonly List<Diagnostic> _diagnostics = [];
    private int _omitted;

    /// <summary>Whether no Error was found.</summary>
    public bool IsUsable { get; private set; } = true;

    public IEnumerable<Diagnostic> Diagnostics => _omitted == 0 ? _diagnostics : _diagnostics.Append(new(
        DiagnosticCodes.InvalidValue, IsUsable ? Severity.Warning : Severity.Error, key, "",
        $"{_omitted} more findings are not shown", "Mend those that are shown first", locate("")));

    public void Add(string code, Severity severity, string path, string message, string advice, SourceLocation? location = null)
    {
        IsUsable &= severity != Severity.Error;
        if (_diagnostics.Count == MaxFindings)
        {
            _omitted++;
            return;
        }

        _diagnostics.Add(new(code, severity, key, path, message, advice, location ?? locate(path)));
    }

    /// <summary>A value that makes the object unusable.</summary>
    public void Invalid(string path, string message, string advice)
        => AddUnlessKnown(DiagnosticCodes.InvalidValue, Severity.Error, path, message, advice);

    /// <summary>A value that is left out, or replaced by a default, while the rest of the object is used.</summary>
    public void LeftOut(string path, string message, string advice)
        => AddUnlessKnown(DiagnosticCodes.InvalidValue, Severity.Warning, path, message, advice);

    /// <summary>A field that must be set.</summary>
    public void Missing(string path, string advice, Severity severity = Severity.Error, string message = "This field is missing")
        => AddUnlessKnown(DiagnosticCodes.MissingField, severity, path, message, advice);

    /// <summary>A value that is understood and that nothing carries out yet.</summary>
    public void NotCarriedOut(string path, Severity severity, string message, string advice)
        => AddUnlessKnown(DiagnosticCodes.NotCarriedOut, severity, path, message, advice);

    // What decoding already found wrong, in the field or in what it is part of, looks empty to the checks that come after it.
    private void AddUnlessKnown(string code, Severity severity, string path, string message, string advice)
    {
        if (!_diagnostics.Any(known => Covers(known.Field, path)))
        {
            Add(code, severity, path, message, advice);
        }
    }

    private static bool Covers(string known, string path)
        => path.StartsWith(known, StringComparison.Ordinal) && known.Length > 0 && (path.Length == known.Length || path[known.Length] is '.' or '[');
}
