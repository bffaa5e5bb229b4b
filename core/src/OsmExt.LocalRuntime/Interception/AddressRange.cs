using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OsmExt.LocalRuntime.Interception;

/// <summary>A CIDR block, with the bits behind the prefix cleared: <c>10.1.2.3/8</c> is <c>10.0.0.0/8</c>.</summary>
internal readonly record struct AddressRange(IPAddress Address, int PrefixLength)
{
    public AddressFamily Family => Address.AddressFamily;

    /// <summary>Reads ADDRESS/LENGTH; a bare address is no range. No scope ids: they mean nothing in a rule.</summary>
    public static bool TryParse(string text, out AddressRange range)
    {
        range = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || text.Contains('%', StringComparison.Ordinal)
            || !IPAddress.TryParse(text[..slash], out var address)
            || !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            return false;
        }

        // "10.1/16" parses as an address in .NET (10.0.0.1); nobody who writes it means that.
        var bytes = address.GetAddressBytes();
        if (length > bytes.Length * 8 || (bytes.Length == 4 && text.AsSpan(0, slash).Count('.') != 3))
        {
            return false;
        }

        for (var bit = length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        range = new(new IPAddress(bytes), length);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{PrefixLength}");
}
