using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace OsmExt.Interception;

/// <summary>
/// Reads addresses as Kubernetes writes them. .NET also takes "10.1" for 10.0.0.1 and "7" for 0.0.0.7, which nobody means, and
/// scope ids, which mean nothing outside one machine.
/// </summary>
internal static class StrictAddress
{
    public static bool TryParse(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        return (text.Contains(':', StringComparison.Ordinal) ? !text.Contains('%', StringComparison.Ordinal) : text.Count(c => c == '.') == 3)
            && IPAddress.TryParse(text, out address);
    }

    /// <summary>The address, or null.</summary>
    public static IPAddress? Parse(string text) => TryParse(text, out var address) ? address : null;
}
