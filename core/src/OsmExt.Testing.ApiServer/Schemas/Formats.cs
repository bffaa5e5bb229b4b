using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace OsmExt.Testing.ApiServer.Schemas;

/// <summary>The formats of texts that schemas may ask for. One that is not known allows everything, as in Kubernetes.</summary>
internal static partial class Formats
{
    public static bool Has(string text, string format) => format switch
    {
        "date-time" or "datetime" => text.Contains('T', StringComparison.OrdinalIgnoreCase) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "byte" => Convert.TryFromBase64String(text, new byte[text.Length], out _),
        "ipv4" => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && text.Count(letter => letter == '.') == 3,
        "ipv6" => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6,
        "cidr" => text.Contains('/', StringComparison.Ordinal) && IPNetwork.TryParse(text, out _),
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        "uuid" or "uuid3" or "uuid4" or "uuid5" => Guid.TryParseExact(text, "D", out _),
        "email" => System.Net.Mail.MailAddress.TryCreate(text, out _),
        "mac" => Mac().IsMatch(text),
        "hostname" => Uri.CheckHostName(text) == UriHostNameType.Dns,
        "duration" => GoDuration().IsMatch(text),
        _ => true,
    };

    [GeneratedRegex(@"^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Mac();

    [GeneratedRegex(@"^-?(0|([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex GoDuration();
}
