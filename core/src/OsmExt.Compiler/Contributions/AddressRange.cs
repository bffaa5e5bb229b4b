using System.Globalization;
using System.Net;
using Envoy.Config.Core.V3;

namespace OsmExt.Compiler.Contributions;

/// <summary>Addresses with a common beginning, without bits that count for nothing, so that equal ranges are equal values.</summary>
internal readonly record struct AddressRange(IPAddress Start, int Length)
{
    /// <summary>Null when Envoy would not take it.</summary>
    public static AddressRange? Of(CidrRange range)
        => IPAddress.TryParse(range.AddressPrefix, out var address) && (range.PrefixLen ?? 0) <= address.GetAddressBytes().Length * 8
            ? Masked(address, (int)(range.PrefixLen ?? 0))
            : null;

    /// <summary>One address.</summary>
    public static AddressRange Of(IPAddress address) => new(address, address.GetAddressBytes().Length * 8);

    public bool Contains(AddressRange other)
        => Start.AddressFamily == other.Start.AddressFamily && other.Length >= Length && Masked(other.Start, Length).Start.Equals(Start);

    public CidrRange ToEnvoy() => new() { AddressPrefix = Start.ToString(), PrefixLen = (uint)Length };

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Start}/{Length}");

    private static AddressRange Masked(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var index = 0; index < bytes.Length; index++)
        {
            bytes[index] &= (byte)(0xff << Math.Clamp(((index + 1) * 8) - length, 0, 8));
        }

        return new(new(bytes), length);
    }
}
