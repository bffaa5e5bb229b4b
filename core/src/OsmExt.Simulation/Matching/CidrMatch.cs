using System.Net;
using Envoy.Config.Core.V3;

namespace OsmExt.Simulation.Matching;

/// <summary>Address ranges.</summary>
internal static class CidrMatch
{
    public static bool Contains(CidrRange range, IPAddress address)
        => IPAddress.TryParse(range.AddressPrefix, out var prefix) && prefix.AddressFamily == address.AddressFamily
            && SamePrefix(prefix.GetAddressBytes(), address.GetAddressBytes(), Length(range, prefix));

    /// <summary>The longest of the ranges that holds the address; 0 for no ranges at all, which means any; null when none does.</summary>
    public static int? Longest(IReadOnlyList<CidrRange> ranges, IPAddress address)
    {
        if (ranges.Count == 0)
        {
            return 0;
        }

        int? longest = null;
        foreach (var range in ranges)
        {
            if (Contains(range, address) && Length(range, address) is var length && (longest is null || length > longest))
            {
                longest = length;
            }
        }

        return longest;
    }

    private static int Length(CidrRange range, IPAddress prefix)
        => (int)Math.Min(range.PrefixLen ?? 0, (uint)prefix.GetAddressBytes().Length * 8);

    private static bool SamePrefix(byte[] left, byte[] right, int bits)
    {
        for (var bit = 0; bit < bits; bit++)
        {
            if (((left[bit / 8] ^ right[bit / 8]) & (0x80 >> (bit % 8))) != 0)
            {
                return false;
            }
        }

        return true;
    }
}
