using System.Buffers;

namespace OsmExt.Identity;

/// <summary>Which texts are names. Everything a certificate says is checked here first: it is what access rules compare.</summary>
internal static class DnsNames
{
    private const int LongestName = 253;
    private const int LongestLabel = 63;
    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>Lower-case DNS name; a trust domain, or anything that is to become a DNS name in a certificate.</summary>
    public static bool IsName(string name) => HasLabels(name, LongestLabel);

    /// <summary>Kubernetes' subdomain, a service account's name: a DNS name whose labels may be longer than DNS allows.</summary>
    public static bool IsSubdomain(string name) => HasLabels(name, LongestName);

    /// <summary>One DNS label, a namespace's name.</summary>
    public static bool IsLabel(string name) => IsLabel(name, LongestLabel);

    private static bool HasLabels(string name, int longestLabel)
    {
        if (name.Length is 0 or > LongestName)
        {
            return false;
        }

        foreach (var range in name.AsSpan().Split('.'))
        {
            if (!IsLabel(name.AsSpan(range), longestLabel))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsLabel(ReadOnlySpan<char> label, int longest)
        => label.Length > 0 && label.Length <= longest && label[0] != '-' && label[^1] != '-'
            && !label.ContainsAnyExcept(Letters);
}
