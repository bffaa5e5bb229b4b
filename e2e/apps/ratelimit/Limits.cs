using System.Globalization;

namespace OsmExt.Demo.RateLimits;

/// <summary>How often things may be described, by the keys of their entries: <c>user=3,path+user=2</c>. What is not listed has no limit.</summary>
internal sealed class Limits(IReadOnlyDictionary<string, uint> byKeys)
{
    public static Limits Parse(string text)
        => new(text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(limit => limit.Split('=', 2))
            .ToDictionary(limit => limit[0], limit => uint.Parse(limit[1], CultureInfo.InvariantCulture), StringComparer.Ordinal));

    public uint? For(IEnumerable<string> keys) => byKeys.TryGetValue(string.Join('+', keys), out var limit) ? limit : null;
}
