using System.Diagnostics.CodeAnalysis;
using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Plugins;

/// <summary>Versions, as conditions that must all hold: <c>&gt;=1.36 &lt;2.0</c>.</summary>
public sealed record VersionRange
{
    private static readonly string[] Operators = [">=", "<=", ">", "<", "="];
    private readonly EquatableArray<(string Operator, Version Version)> _conditions;

    private VersionRange(EquatableArray<(string, Version)> conditions) => _conditions = conditions;

    /// <summary>Every version.</summary>
    public static VersionRange Any { get; } = new(EquatableArray<(string, Version)>.Empty);

    /// <summary>Reads a range.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out VersionRange? range)
    {
        ArgumentNullException.ThrowIfNull(text);
        var conditions = new List<(string, Version)>();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Operators.FirstOrDefault(op => word.StartsWith(op, StringComparison.Ordinal)) is not { } sign || !Version.TryParse(word[sign.Length..], out var version))
            {
                range = null;
                return false;
            }

            conditions.Add((sign, Whole(version)));
        }

        range = conditions.Count == 0 ? null : new([.. conditions]);
        return range is not null;
    }

    /// <summary>Whether the version is in the range.</summary>
    public bool Contains(Version version)
    {
        ArgumentNullException.ThrowIfNull(version);
        var whole = Whole(version);
        return _conditions.All(condition => whole.CompareTo(condition.Version) is var order && condition.Operator switch
        {
            ">=" => order >= 0,
            "<=" => order <= 0,
            ">" => order > 0,
            "<" => order < 0,
            _ => order == 0,
        });
    }

    /// <summary>As it is written.</summary>
    public override string ToString() => _conditions.IsEmpty ? "any" : string.Join(' ', _conditions.Select(condition => $"{condition.Operator}{condition.Version}"));

    private static Version Whole(Version version) => new(version.Major, version.Minor, Math.Max(version.Build, 0));
}
