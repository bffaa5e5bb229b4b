namespace OsmExt.Kubernetes.Views;

/// <summary>Object names as Kubernetes allows them (RFC 1123).</summary>
internal static class DnsName
{
    public const string LabelRule = "Use at most 63 lower-case letters, digits and \"-\", with a letter or digit at both ends";
    public const string SubdomainRule = "Use lower-case letters, digits, \"-\" and \".\", with a letter or digit around each dot and at both ends";

    public const string PortNameRule =
        "Use at most 15 lower-case letters, digits and \"-\", at least one letter, no \"--\", with a letter or digit at both ends";

    public static bool IsLabel(string text)
        => text.Length is > 0 and <= 63 && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])
           && text.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');

    /// <summary>Service names of IANA, which ports of containers are named by.</summary>
    public static bool IsPortName(string text)
        => text.Length <= 15 && IsLabel(text) && text.Any(char.IsAsciiLetterLower) && !text.Contains("--", StringComparison.Ordinal);

    // Unlike in DNS, a part of a subdomain may be longer than 63.
    public static bool IsSubdomain(string text)
        => text.Length is > 0 and <= 253 && text.Split('.').All(part
            => part.Length > 0 && char.IsAsciiLetterOrDigit(part[0]) && char.IsAsciiLetterOrDigit(part[^1])
               && part.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'));
}
