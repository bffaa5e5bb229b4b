using System.Globalization;
using OsmExt.Sdk.Resources;

namespace OsmExt.Sdk.Diagnostics;

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    /// <summary>Worth knowing; everything the object asks for is done.</summary>
    Info,

    /// <summary>Part of the object is ignored or changed in meaning.</summary>
    Warning,

    /// <summary>The object, or the part named, has no effect; what it would have allowed stays denied.</summary>
    Error,
}

/// <summary>Something a user can mend: what is wrong, where, and what to do. A value, never an exception.</summary>
/// <param name="Code">Stable identifier such as <c>OSM1003</c>; see <see cref="DiagnosticCodes"/>.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Object">The object at fault; null when a file could not be read far enough to tell.</param>
/// <param name="Field">Path of the field inside the object, for example <c>spec.rules[0].matches[1]</c>; may be empty.</param>
/// <param name="Message">What is wrong, in one sentence.</param>
/// <param name="Advice">What to do about it.</param>
/// <param name="Location">Where it was read from, when it came from a file.</param>
public sealed record Diagnostic(
    string Code, Severity Severity, ResourceKey? Object, string Field, string Message, string Advice, SourceLocation? Location = null)
    : IComparable<Diagnostic>
{
    /// <summary>Orders by object, field, code and message, so that equal findings print in equal order.</summary>
    public int CompareTo(Diagnostic? other)
    {
        if (other is null)
        {
            return 1;
        }

        var order = Nullable.Compare(Object, other.Object);
        order = order != 0 ? order : string.CompareOrdinal(Field, other.Field);
        order = order != 0 ? order : string.CompareOrdinal(Code, other.Code);
        order = order != 0 ? order : string.CompareOrdinal(Message, other.Message);
        return order != 0 ? order : string.CompareOrdinal(Location?.ToString(), other.Location?.ToString());
    }

    /// <summary>One line: location, severity, code, object, field, message, advice.</summary>
    public override string ToString()
    {
        var place = Location is { } location ? $"{location}: " : "";
        var subject = Object is { } key ? $"{key}{(Field.Length > 0 ? $" {Field}" : "")}: " : Field.Length > 0 ? $"{Field}: " : "";
        return string.Create(CultureInfo.InvariantCulture, $"{place}{Severity.ToString().ToLowerInvariant()} {Code}: {subject}{Message}. {Advice}.");
    }

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator <(Diagnostic left, Diagnostic right) => Comparer<Diagnostic>.Default.Compare(left, right) < 0;

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator >(Diagnostic left, Diagnostic right) => Comparer<Diagnostic>.Default.Compare(left, right) > 0;

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator <=(Diagnostic left, Diagnostic right) => Comparer<Diagnostic>.Default.Compare(left, right) <= 0;

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator >=(Diagnostic left, Diagnostic right) => Comparer<Diagnostic>.Default.Compare(left, right) >= 0;
}
