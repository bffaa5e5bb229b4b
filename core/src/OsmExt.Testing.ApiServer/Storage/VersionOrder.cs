using System.Globalization;

namespace OsmExt.Testing.ApiServer.Storage;

/// <summary>Kubernetes' order of versions, best first: stable before beta before alpha, higher numbers before lower ones, other names last by alphabet.</summary>
internal sealed class VersionOrder : IComparer<string?>
{
    public static readonly VersionOrder Best = new();

    public int Compare(string? x, string? y)
    {
        var (first, second) = (Rank(x ?? ""), Rank(y ?? ""));
        var byRank = second.CompareTo(first);
        return byRank != 0 ? byRank : string.CompareOrdinal(x, y);
    }

    // Stability, major, minor.
    private static (int Stability, int Major, int Minor) Rank(string version)
    {
        if (!version.StartsWith('v'))
        {
            return default;
        }

        foreach (var (word, stability) in new[] { ("alpha", 1), ("beta", 2) })
        {
            if (version[1..].Split(word) is [var major, var minor])
            {
                return Number(major) is { } first && Number(minor) is { } second ? (stability, first, second) : default;
            }
        }

        return Number(version[1..]) is { } number ? (3, number, 0) : default;
    }

    private static int? Number(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
