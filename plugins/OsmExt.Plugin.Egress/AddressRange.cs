using System.Globalization;
using System.Net;

namespace OsmExt.Plugin.Egress;

/// <summary>Addresses with a common beginning.</summary>
internal readonly record struct AddressRange(IPAddress Start, int Length)
{
    /// <summary>Every address, of both families.</summary>
    public static AddressRange[] Everywhere { get; } = [new(IPAddress.Any, 0), new(IPAddress.IPv6Any, 0)];

    /// <summary>From <c>ADDRESS/LENGTH</c>; null when it is none. Bits beyond the length count for nothing.</summary>
    public static AddressRange? Parse(string text)
    {
        if (text.Split('/') is not [var start, var bits] || !IPAddress.TryParse(start, out var address)
            || !int.TryParse(bits, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > address.GetAddressBytes().Length * 8)
        {
            return null;
        }

        return new(Masked(address, length), length);
    }

    /// <summary>Whether every address of the other is in this one.</summary>
    public bool Contains(AddressRange other)
        => Start.AddressFamily == other.Start.AddressFamily && other.Length >= Length && Masked(other.Start, Length).Equals(Start);

    /// <summary>As Envoy writes it.</summary>
    public object ToEnvoy() => new { addressPrefix = $"{Start}", prefixLen = Length };

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Start}/{Length}");

    private static IPAddress Masked(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var index = 0; index < bytes.Length; index++)
        {
            bytes[index] &= (byte)(0xff << Math.Clamp(((index + 1) * 8) - length, 0, 8));
        }

        return new(bytes);
    }
}
